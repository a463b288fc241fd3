import { Cursor } from './cursor.ts';
import type { StringSections } from './forms.ts';
import { type LineHeader, readHeader } from './line-header.ts';

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

/** The rows of all tables in .debug_line, by address; `folders` are the units', by where their tables lie. */
export function lineRows(
  section: Uint8Array,
  strings: StringSections,
  folders: ReadonlyMap<number, string>,
): LineRow[] {
  const cursor = new Cursor(section);
  const rows: LineRow[] = [];
  while (!cursor.isDone) {
    const header = readHeader(cursor, strings, folders.get(cursor.at) ?? '');
    cursor.at = header.program;
    new LineProgram(header, cursor, rows).run();
    cursor.at = header.end;
  }
  // Where one sequence ends another may begin: then the latter's first row is valid.
  return rows.sort((a, b) => a.address - b.address || Number(a.file !== null) - Number(b.file !== null));
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
