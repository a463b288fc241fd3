import { posix } from 'node:path';
import type { Cursor } from './cursor.ts';
import { readForm, type StringSections } from './forms.ts';

/** The parts of a line table's header that its program needs, and the files by their numbers. */
export interface LineHeader {
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
export function readHeader(cursor: Cursor, strings: StringSections, folder: string): LineHeader {
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
