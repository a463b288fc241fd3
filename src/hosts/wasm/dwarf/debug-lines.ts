import { Module } from '../web-assembly.ts';
import { Cursor } from './cursor.ts';
import { type LineRow, type LineTables, readLines } from './line-table.ts';
import { type InlinedCall, Units } from './units.ts';

const PREAMBLE = 8;
const CODE = 10;
const NOTHING = new Uint8Array(0);

/** The engine's notation for a frame in a module's code: `at send (wasm://wasm/3cd9646a:wasm-function[15]:0x706)`. */
const FRAME = /^( *at )(?:(.*) \()?wasm:\/\/wasm\/[^\s:]*:wasm-function\[\d+\]:0x([0-9a-f]+)\)?$/gm;

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
  private read: Read | null = null;

  constructor(module: object, bytes: Uint8Array) {
    this.module = module;
    this.begin = codeIn(bytes);
  }

  /** The innermost place in the module that a stack has. */
  firstIn(frames: string): PlacedRow | null {
    const [found] = frames.matchAll(FRAME);
    return found === undefined ? null : this.at(Number.parseInt(found[3]!, 16));
  }

  /** @param offset bytes into the module. */
  at(offset: number): PlacedRow | null {
    this.read ??= read(this.module);
    const row = this.read.lines.rows.findLast(({ address }) => address <= offset - this.begin);
    return row === undefined || row.file === null || row.line === 0 ? null : { ...row, file: row.file };
  }

  /**
   * Lines of a stack, with files and lines for places in the module, and a line for each function that was inlined
   * there. Lines without a known place stay unchanged.
   */
  named(frames: string): string {
    return frames.replaceAll(FRAME, (frame, at: string, name: string | undefined, offset: string) => {
      const row = this.at(Number.parseInt(offset, 16));
      if (row === null) return frame;
      const calls = this.read!.units.callsAt(Number.parseInt(offset, 16) - this.begin);
      const names = [...calls.map(({ origin }) => this.read!.units.nameOf(origin)), name ?? ''];
      const places = [row, ...calls.map((call) => ({ ...call, file: this.fileOf(call) }))];
      return places
        .map(({ file, line, column }, i) => {
          const place = `${file}:${line}:${Math.max(column, 1)}`;
          return names[i] === '' ? `${at}${place}` : `${at}${names[i]} (${place})`;
        })
        .join('\n');
    });
  }

  private fileOf({ table, file }: InlinedCall): string {
    return this.read!.lines.files.get(table)?.[file] ?? '?';
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

interface Read {
  readonly lines: LineTables;
  readonly units: Pick<Units, 'callsAt' | 'nameOf'>;
}

/** None if the module has none, or they cannot be read: they are for people only. */
const UNREAD: Read = {
  lines: { rows: [], files: new Map() },
  units: { callsAt: () => [], nameOf: () => '' },
};

function read(module: object): Read {
  const section = (name: string) => {
    const [found] = Module.customSections(module, `.debug_${name}`);
    return found === undefined ? NOTHING : new Uint8Array(found);
  };
  const strings = { str: section('str'), lineStr: section('line_str') };
  try {
    const units = new Units({
      ...strings,
      info: section('info'),
      abbrev: section('abbrev'),
      strOffsets: section('str_offsets'),
      addr: section('addr'),
      ranges: section('ranges'),
      rnglists: section('rnglists'),
    });
    return { units, lines: readLines(section('line'), strings, units.folders) };
  } catch (error) {
    if (error instanceof RangeError) return UNREAD;
    throw error;
  }
}
