import { Cursor } from './cursor.ts';
import { readForm, type StringSections } from './forms.ts';

const DW_AT_STMT_LIST = 0x10;
const DW_AT_COMP_DIR = 0x1b;
const DW_UT_COMPILE = 1;
const IMPLICIT_CONST = 33;

/** An attribute's name and form. */
type Attribute = readonly [name: number, form: number];

/**
 * The folder in which each unit was compiled, by the offset of its line table: before DWARF 5 only .debug_info has it.
 */
export function foldersOf(
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
