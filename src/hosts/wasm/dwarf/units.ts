import { Cursor } from './cursor.ts';
import { FORM, isAddrx, isStrx, readForm, type StringSections, type Value } from './forms.ts';

/** The sections that say which functions the compiler inlined, and where. */
interface UnitSections extends StringSections {
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
  readonly strOffsets: Uint8Array;
  readonly addr: Uint8Array;
  /** Of DWARF 4, and of DWARF 5. */
  readonly ranges: Uint8Array;
  readonly rnglists: Uint8Array;
}

/** A range of code that is another function's, which was called there and inlined. */
export interface InlinedCall {
  readonly begin: number;
  readonly end: number;
  /** How many entries it lies within: a deeper one is nearer to the instruction. */
  readonly depth: number;
  /** Where in .debug_info the function's entry lies. */
  readonly origin: number;
  /** The call: a file by its number in the unit's line table, which lies at `table`. */
  readonly table: number;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

const [SUBPROGRAM, INLINED_SUBROUTINE] = [0x2e, 0x1d];
const DW_UT_COMPILE = 1;
const AT = {
  name: 0x03,
  stmtList: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  compDir: 0x1b,
  abstractOrigin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  callColumn: 0x57,
  callFile: 0x58,
  callLine: 0x59,
  strOffsetsBase: 0x72,
  addrBase: 0x73,
  rnglistsBase: 0x74,
} as const;
/** A clone of the definition of a declaration. More steps to a name are damaged data. */
const STEPS_TO_A_NAME = 3;

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly { readonly name: number; readonly form: number; readonly value: number }[];
}

/** An entry's attributes by name. */
type Entry = ReadonlyMap<number, { readonly form: number; readonly value: Value }>;
type Range = readonly [begin: number, end: number];

/** What .debug_info says of functions and inlined calls: DWARF 5, 3.3.8 and 7.5. DWARF 4 is read, too. */
export class Units {
  /** The folder in which each unit was compiled, by the offset of its line table: before DWARF 5 only this section has it. */
  readonly folders = new Map<number, string>();
  readonly calls: InlinedCall[] = [];
  private readonly names = new Map<number, string>();
  /** The entry that has the name of one that has none. */
  private readonly origins = new Map<number, number>();

  /** @throws RangeError for sections that end too early, or make no sense. */
  constructor(sections: UnitSections) {
    const cursor = new Cursor(sections.info);
    while (!cursor.isDone) {
      const begin = cursor.at;
      const next = cursor.u32() + cursor.at;
      const version = cursor.u16();
      const kind = version >= 5 ? cursor.u8() : DW_UT_COMPILE;
      if (version >= 5) cursor.skip(1);
      const abbreviations = abbreviationsAt(new Cursor(sections.abbrev, cursor.u32()));
      if (version < 5) cursor.skip(1);
      if (kind === DW_UT_COMPILE)
        this.readUnit(new Unit(sections, begin, version), cursor, next, abbreviations);
      cursor.at = next;
    }
  }

  /** The calls that the instruction at an address was inlined by, the innermost first. */
  callsAt(address: number): readonly InlinedCall[] {
    const found = this.calls.filter(({ begin, end }) => begin <= address && address < end);
    return found.sort((a, b) => b.depth - a.depth);
  }

  /** Of the function whose entry lies there. */
  nameOf(entry: number): string {
    let at: number | undefined = entry;
    for (let step = 0; at !== undefined && step <= STEPS_TO_A_NAME; step++) {
      const name = this.names.get(at);
      if (name !== undefined) return name;
      at = this.origins.get(at);
    }
    return '';
  }

  private readUnit(
    unit: Unit,
    cursor: Cursor,
    end: number,
    abbreviations: ReadonlyMap<number, Abbreviation>,
  ): void {
    let depth = 0;
    while (cursor.at < end) {
      const at = cursor.at;
      const abbreviation = abbreviations.get(cursor.uleb());
      if (abbreviation === undefined) {
        depth--;
        continue;
      }
      const entry = unit.read(cursor, abbreviation);
      if (depth === 0) {
        unit.root = entry;
        const folder = unit.string(entry, AT.compDir);
        if (folder !== '') this.folders.set(unit.number(entry, AT.stmtList), folder);
      }
      if (abbreviation.tag === SUBPROGRAM) this.takeName(unit, entry, at);
      if (abbreviation.tag === INLINED_SUBROUTINE) this.calls.push(...unit.callsOf(entry, depth));
      if (abbreviation.hasChildren) depth++;
    }
  }

  private takeName(unit: Unit, entry: Entry, at: number): void {
    const name = unit.string(entry, AT.name);
    const origin = unit.reference(entry, AT.specification) ?? unit.reference(entry, AT.abstractOrigin);
    if (name !== '') this.names.set(at, name);
    else if (origin !== null) this.origins.set(at, origin);
  }
}

function abbreviationsAt(cursor: Cursor): ReadonlyMap<number, Abbreviation> {
  const found = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const [tag, hasChildren] = [cursor.uleb(), cursor.u8() === 1];
    const attributes = [];
    for (;;) {
      const [name, form] = [cursor.uleb(), cursor.uleb()];
      const value = form === FORM.implicitConst ? cursor.sleb() : 0;
      if (name === 0) break;
      attributes.push({ name, form, value });
    }
    found.set(code, { tag, hasChildren, attributes });
  }
  return found;
}

/** Attributes of the entries of one unit, whose own entry says where its part of other sections begins. */
class Unit {
  root: Entry = new Map();
  private readonly sections: UnitSections;
  private readonly begin: number;
  private readonly version: number;

  constructor(sections: UnitSections, begin: number, version: number) {
    this.sections = sections;
    this.begin = begin;
    this.version = version;
  }

  read(cursor: Cursor, { attributes }: Abbreviation): Entry {
    const entry = new Map<number, { form: number; value: Value }>();
    for (const { name, form, value } of attributes) {
      const found = form === FORM.implicitConst ? value : readForm(form, cursor, this.sections);
      entry.set(name, { form, value: found });
    }
    return entry;
  }

  number(entry: Entry, name: number): number {
    return Number(entry.get(name)?.value ?? 0);
  }

  string(entry: Entry, name: number): string {
    const found = entry.get(name);
    if (found === undefined || !isStrx(found.form)) return String(found?.value ?? '');
    const { strOffsets, str } = this.sections;
    // The unit's own entry has strings before it is the root.
    const base = this.number(this.root.size === 0 ? entry : this.root, AT.strOffsetsBase);
    return new Cursor(str, new Cursor(strOffsets, base + 4 * Number(found.value)).u32()).string();
  }

  /** Where in .debug_info the entry lies that an attribute names. */
  reference(entry: Entry, name: number): number | null {
    const found = entry.get(name);
    if (found === undefined || found.value === null) return null;
    return found.form === FORM.refAddr ? Number(found.value) : this.begin + Number(found.value);
  }

  /** Of an inlined subroutine: one for each of its ranges. */
  callsOf(entry: Entry, depth: number): InlinedCall[] {
    const call = {
      depth,
      origin: this.reference(entry, AT.abstractOrigin) ?? 0,
      table: this.number(this.root, AT.stmtList),
      file: this.number(entry, AT.callFile),
      line: this.number(entry, AT.callLine),
      column: this.number(entry, AT.callColumn),
    };
    return this.rangesOf(entry).map(([begin, end]) => ({ ...call, begin, end }));
  }

  private rangesOf(entry: Entry): readonly Range[] {
    const ranges = entry.get(AT.ranges);
    if (ranges !== undefined) return [...this.listed(ranges.form, Number(ranges.value))];
    const high = entry.get(AT.highPc);
    if (high === undefined) return [];
    const begin = this.address(entry, AT.lowPc);
    // It is a length, unless it is an address.
    return [[begin, high.form === FORM.addr ? Number(high.value) : begin + Number(high.value)]];
  }

  private listed(form: number, value: number): Iterable<Range> {
    const { ranges, rnglists } = this.sections;
    const base = this.address(this.root, AT.lowPc);
    if (this.version < 5) return pairsAt(new Cursor(ranges, value), base);
    const lists = this.number(this.root, AT.rnglistsBase);
    const at = form === FORM.rnglistx ? lists + new Cursor(rnglists, lists + 4 * value).u32() : value;
    return listAt(new Cursor(rnglists, at), base, (index) => this.addressAt(index));
  }

  private address(entry: Entry, name: number): number {
    const found = entry.get(name);
    if (found === undefined) return 0;
    return isAddrx(found.form) ? this.addressAt(Number(found.value)) : Number(found.value);
  }

  private addressAt(index: number): number {
    return new Cursor(this.sections.addr, this.number(this.root, AT.addrBase) + 4 * index).u32();
  }
}

const BASE_SELECTION = 0xffff_ffff;

/** A list of ranges of DWARF 4, 2.17.3. */
function* pairsAt(cursor: Cursor, from: number): Iterable<Range> {
  let base = from;
  for (;;) {
    const [begin, end] = [cursor.u32(), cursor.u32()];
    if (begin === 0 && end === 0) return;
    if (begin === BASE_SELECTION) base = end;
    else yield [base + begin, base + end];
  }
}

/** The kinds of entries in a list: DWARF 5, 7.25. */
const RLE = {
  endOfList: 0,
  baseAddressx: 1,
  startxEndx: 2,
  startxLength: 3,
  offsetPair: 4,
  baseAddress: 5,
  startEnd: 6,
  startLength: 7,
} as const;

/** A list of ranges of DWARF 5, 2.17.3. */
function* listAt(cursor: Cursor, from: number, addressAt: (index: number) => number): Iterable<Range> {
  let base = from;
  const extent = (begin: number): Range => [begin, begin + cursor.uleb()];
  for (let kind = cursor.u8(); kind !== RLE.endOfList; kind = cursor.u8())
    if (kind === RLE.baseAddressx) base = addressAt(cursor.uleb());
    else if (kind === RLE.baseAddress) base = cursor.u32();
    else if (kind === RLE.startxEndx) yield [addressAt(cursor.uleb()), addressAt(cursor.uleb())];
    else if (kind === RLE.startxLength) yield extent(addressAt(cursor.uleb()));
    else if (kind === RLE.offsetPair) yield [base + cursor.uleb(), base + cursor.uleb()];
    else if (kind === RLE.startEnd) yield [cursor.u32(), cursor.u32()];
    else if (kind === RLE.startLength) yield extent(cursor.u32());
    else throw new RangeError(`entry ${kind} of a list of ranges`);
}
