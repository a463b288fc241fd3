import { Module } from '../web-assembly.ts';
import { Cursor, readForm, type StringSections } from './cursor.ts';
import { type LineRow, lineRows } from './line-table.ts';

const PREAMBLE = 8;
const CODE = 10;
const NOTHING = new Uint8Array(0);

/** The engine's notation for a place in a module's code: `wasm://wasm/3cd9646a:wasm-function[15]:0x706`. */
const PLACE = /wasm:\/\/wasm\/[^\s:]*:wasm-function\[\d+\]:0x([0-9a-f]+)/g;

const DW_AT_STMT_LIST = 0x10;
const DW_AT_COMP_DIR = 0x1b;
const DW_UT_COMPILE = 1;
const IMPLICIT_CONST = 33;

/** An attribute's name and form. */
type Attribute = readonly [name: number, form: number];

/**
 * The folder in which each unit was compiled, by the offset of its line table: before DWARF 5 only .debug_info has it.
 */
function foldersOf(
  info: Uint8Array,
  abbrev: Uint8Array,
  strings: StringSections,
): ReadonlyMap<number, string> {
  const folders = new Map<number, string>();
  const cursor = new Cursor(info);
  while (!cursor.isDone) {
    const length = cursor.u32();
    const next = cursor.at + length;
    const attributes = unitAttributes(cursor, abbrev);
    let table: number | null = null;
    let folder: string | null = null;
    for (const [name, form] of attributes) {
      const value = form === IMPLICIT_CONST ? null : readForm(form, cursor, strings);
      if (name === DW_AT_STMT_LIST) table = value as number;
      if (name === DW_AT_COMP_DIR) folder = value as string | null;
    }
    if (table !== null && folder !== null) folders.set(table, folder);
    cursor.at = next;
  }
  return folders;
}

/** Reads a unit's header, and leaves the cursor at the values of its first entry. */
function unitAttributes(cursor: Cursor, abbrev: Uint8Array): readonly Attribute[] {
  const version = cursor.u16();
  const kind = version >= 5 ? cursor.u8() : DW_UT_COMPILE;
  if (version >= 5) cursor.skip(1);
  const table = cursor.u32();
  if (version < 5) cursor.skip(1);
  if (kind !== DW_UT_COMPILE) return [];
  return attributesOf(new Cursor(abbrev, table), cursor.uleb());
}

/** The abbreviation with this code. */
function attributesOf(cursor: Cursor, wanted: number): readonly Attribute[] {
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    cursor.uleb();
    cursor.skip(1);
    const attributes: Attribute[] = [];
    for (;;) {
      const attribute = [cursor.uleb(), cursor.uleb()] as const;
      if (attribute[1] === IMPLICIT_CONST) cursor.sleb();
      if (attribute[0] === 0) break;
      attributes.push(attribute);
    }
    if (code === wanted) return attributes;
  }
  return [];
}

/** A row with a file. */
type PlacedRow = LineRow & { readonly file: string };

/**
 * Maps a module's code to source lines, by its debugging data: `-g`. It is read on the first use.
 *
 * @example
 * const lines = new DebugLines(module, bytes);
 * lines.at(0x706);                                             // { file: '/home/me/nic.c', line: 62, column: 3, … }
 * lines.named('    at send (wasm://wasm/3cd9646a:wasm-function[9]:0x34b)');     // '    at send (/home/me/nic.c:48:10)'
 */
export class DebugLines {
  private readonly module: object;
  /** The start of the code section, from which DWARF counts. */
  private readonly begin: number;
  private rows: readonly LineRow[] | null = null;

  constructor(module: object, bytes: Uint8Array) {
    this.module = module;
    this.begin = codeIn(bytes);
  }

  /** The innermost place in the module that a stack has. */
  firstIn(frames: string): PlacedRow | null {
    const [found] = frames.matchAll(PLACE);
    return found === undefined ? null : this.at(Number.parseInt(found[1]!, 16));
  }

  /** @param offset bytes into the module. */
  at(offset: number): PlacedRow | null {
    this.rows ??= rowsOf(this.module);
    const row = this.rows.findLast(({ address }) => address <= offset - this.begin);
    return row === undefined || row.file === null || row.line === 0 ? null : { ...row, file: row.file };
  }

  /** Lines of a stack, with files and lines for places in the module. Lines without a known place stay unchanged. */
  named(frames: string): string {
    return frames.replaceAll(PLACE, (place, offset: string) => {
      const row = this.at(Number.parseInt(offset, 16));
      return row === null ? place : `${row.file}:${row.line}:${Math.max(row.column, 1)}`;
    });
  }
}

function codeIn(bytes: Uint8Array): number {
  const cursor = new Cursor(bytes, PREAMBLE);
  while (!cursor.isDone) {
    const id = cursor.u8();
    const length = cursor.uleb();
    if (id === CODE) return cursor.at;
    cursor.skip(length);
  }
  return 0;
}

/** None if the module has none, or they cannot be read: they are for people only. */
function rowsOf(module: object): readonly LineRow[] {
  const section = (name: string) => {
    const [found] = Module.customSections(module, name);
    return found === undefined ? NOTHING : new Uint8Array(found);
  };
  const strings = { str: section('.debug_str'), lineStr: section('.debug_line_str') };
  try {
    const folders = foldersOf(section('.debug_info'), section('.debug_abbrev'), strings);
    return lineRows(section('.debug_line'), strings, folders);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}
