import { posix } from 'node:path';
import { Cursor } from './cursor.ts';
import { readForm, type StringSections } from './forms.ts';

/** The parts of a line table's header that its program needs, and the files by their numbers. */
interface LineHeader {
  readonly minInstLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of each standard opcode, from 1 on. */
  readonly operands: readonly number[];
  readonly files: readonly string[];
  /** The start of the program, and its end. */
  readonly program: number;
  readonly end: number;
}

const PATH = 1;
const DIRECTORY_INDEX = 2;

/** Reads a header at the cursor: DWARF 5, 6.2.4. `folder` is where the unit was compiled, if that is known. */
function readHeader(cursor: Cursor, strings: StringSections, folder: string): LineHeader {
  const end = cursor.u32() + cursor.at;
  const version = cursor.u16();
  if (version >= 5) cursor.skip(2);
  const program = cursor.u32() + cursor.at;
  const minInstLength = cursor.u8();
  if (version >= 4) cursor.skip(1);
  cursor.skip(1);
  const lineBase = cursor.i8();
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const operands = [0, ...Array.from({ length: opcodeBase - 1 }, () => cursor.u8())];
  const files = version >= 5 ? filesOf5(cursor, strings) : filesOf4(cursor, folder);
  return { minInstLength, lineBase, lineRange, opcodeBase, operands, files, program, end };
}

/** Folders from 1 on, 0 is the unit's; then files from 1 on. */
function filesOf4(cursor: Cursor, folder: string): string[] {
  const folders = [folder];
  for (let name = cursor.string(); name !== ''; name = cursor.string()) folders.push(joined(folder, name));
  const files = [''];
  for (let name = cursor.string(); name !== ''; name = cursor.string()) {
    files.push(joined(folders[cursor.uleb()] ?? folder, name));
    cursor.uleb();
    cursor.uleb();
  }
  return files;
}

/** Both from 0 on, and the first folder is the unit's. */
function filesOf5(cursor: Cursor, strings: StringSections): string[] {
  const folders = entriesOf5(cursor, strings).map(({ path }) => path);
  return entriesOf5(cursor, strings).map(({ path, directory }) =>
    joined(joined(folders[0] ?? '', folders[directory] ?? ''), path),
  );
}

function entriesOf5(cursor: Cursor, strings: StringSections): { path: string; directory: number }[] {
  const format = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
  return Array.from({ length: cursor.uleb() }, () => {
    const entry = { path: '', directory: 0 };
    for (const [content, form] of format) {
      const value = readForm(form, cursor, strings);
      if (content === PATH) entry.path = String(value ?? '');
      if (content === DIRECTORY_INDEX) entry.directory = Number(value);
    }
    return entry;
  });
}

function joined(folder: string, path: string): string {
  return posix.isAbsolute(path) ? posix.normalize(path) : posix.join(folder, path);
}

/** From an address on, up to the next row's, code is of this line. File null: none, the end of a sequence. */
export interface LineRow {
  readonly address: number;
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
}

/** The standard opcodes that do more than skip their operands. */
const OP = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;
const EXTENDED = { endSequence: 1, setAddress: 2 } as const;

/** The rows of all tables by address, and the files that each table numbers, by where it lies. */
export interface LineTables {
  readonly rows: readonly LineRow[];
  readonly files: ReadonlyMap<number, readonly string[]>;
}

/** Reads .debug_line; `folders` are the units', by where their tables lie. */
export function readLines(
  section: Uint8Array,
  strings: StringSections,
  folders: ReadonlyMap<number, string>,
): LineTables {
  const cursor = new Cursor(section);
  const rows: LineRow[] = [];
  const files = new Map<number, readonly string[]>();
  while (!cursor.isDone) {
    const begin = cursor.at;
    const header = readHeader(cursor, strings, folders.get(begin) ?? '');
    files.set(begin, header.files);
    cursor.at = header.program;
    new LineProgram(header, cursor, rows).run();
    cursor.at = header.end;
  }
  // Where one sequence ends another may begin: then the latter's first row is valid.
  rows.sort((a, b) => a.address - b.address || Number(a.file !== null) - Number(b.file !== null));
  return { rows, files };
}

/** Code that the linker left out has no address: a function lies behind the count of functions, and below 2 GiB. */
function isLeftOut(address: number): boolean {
  return address === 0 || address >= 0x8000_0000;
}

/** Runs a line number program: DWARF 5, 6.2.5. */
class LineProgram {
  private readonly header: LineHeader;
  private readonly cursor: Cursor;
  private readonly rows: LineRow[];
  private address = 0;
  private file = 1;
  private line = 1;
  private column = 0;
  /** The first row of the sequence. */
  private first: number;

  constructor(header: LineHeader, cursor: Cursor, rows: LineRow[]) {
    this.header = header;
    this.cursor = cursor;
    this.rows = rows;
    this.first = rows.length;
  }

  run(): void {
    const { cursor, header } = this;
    while (cursor.at < header.end) {
      const opcode = cursor.u8();
      if (opcode >= header.opcodeBase) this.special(opcode - header.opcodeBase);
      else if (opcode === 0) this.extended();
      else this.standard(opcode);
    }
  }

  private special(adjusted: number): void {
    const { lineBase, lineRange } = this.header;
    this.advance(Math.floor(adjusted / lineRange));
    this.line += lineBase + (adjusted % lineRange);
    this.emit();
  }

  private standard(opcode: number): void {
    const { cursor, header } = this;
    if (opcode === OP.copy) this.emit();
    else if (opcode === OP.advancePc) this.advance(cursor.uleb());
    else if (opcode === OP.advanceLine) this.line += cursor.sleb();
    else if (opcode === OP.setFile) this.file = cursor.uleb();
    else if (opcode === OP.setColumn) this.column = cursor.uleb();
    else if (opcode === OP.constAddPc) this.advance(Math.floor((255 - header.opcodeBase) / header.lineRange));
    else if (opcode === OP.fixedAdvancePc) this.address += cursor.u16();
    else for (let i = 0; i < header.operands[opcode]!; i++) cursor.uleb();
  }

  private extended(): void {
    const { cursor } = this;
    const end = cursor.uleb() + cursor.at;
    const opcode = cursor.u8();
    if (opcode === EXTENDED.setAddress) this.address = cursor.u32();
    if (opcode === EXTENDED.endSequence) {
      this.rows.push({ address: this.address, file: null, line: 0, column: 0 });
      if (isLeftOut(this.rows[this.first]!.address)) this.rows.length = this.first;
      this.first = this.rows.length;
      this.address = this.column = 0;
      this.file = this.line = 1;
    }
    cursor.at = end;
  }

  private advance(operation: number): void {
    this.address += operation * this.header.minInstLength;
  }

  private emit(): void {
    const { address, line, column } = this;
    this.rows.push({ address, file: this.header.files[this.file] ?? null, line, column });
  }
}
