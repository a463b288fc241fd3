import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { LONGEST_LINE } from '../../hosts/log/log-lines.ts';
import { reaching, wrongFile } from '../../media/file-errors.ts';
import { STDIN } from '../input.ts';
import { LineFile } from '../output.ts';

const CHUNK = 1 << 16;
const NEW_LINE = '\n';
/** Milliseconds between two polls of a pipe. */
const PAUSE = 10;
const FLAGS = constants.O_RDONLY | constants.O_NOCTTY;

/**
 * The lines of a log of any length, with only a piece of it in memory; `-` is this process's own input. It is open from
 * the first line that is read to the last, or until the loop over them is left.
 *
 * @throws MisuseError in one line if it cannot be read.
 */
export function* linesOf(path: string): Generator<string> {
  const fd = reaching('log', path, () => open(path));
  try {
    yield* linesIn(path, fd);
  } finally {
    if (path !== STDIN) closeSync(fd);
  }
}

function open(path: string): number {
  if (path === STDIN) return 0;
  const stat = statSync(path);
  if (stat.isDirectory()) throw wrongFile('log', path, 'is a directory');
  if (!stat.isFile() && !stat.isFIFO()) throw wrongFile('log', path, 'is no file and no pipe');
  return openSync(path, FLAGS);
}

function* linesIn(path: string, fd: number): Generator<string> {
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.allocUnsafe(CHUNK);
  const line = new GrowingLine();
  for (let count = read(path, fd, chunk); count > 0; count = read(path, fd, chunk)) {
    const text = decoder.write(chunk.subarray(0, count));
    let from = 0;
    for (let end = text.indexOf(NEW_LINE); end >= 0; end = text.indexOf(NEW_LINE, from)) {
      line.add(text.slice(from, end));
      from = end + 1;
      yield line.taken();
    }
    line.add(text.slice(from));
  }
  line.add(decoder.end());
  if (!line.isEmpty) yield line.taken();
}

/** A line in pieces. Only as much of a too long line is kept as shows its length. */
class GrowingLine {
  private pieces: string[] = [];
  private length = 0;

  get isEmpty(): boolean {
    return this.length === 0;
  }

  add(text: string): void {
    const kept = text.slice(0, LONGEST_LINE + 1 - this.length);
    this.length += kept.length;
    if (kept !== '') this.pieces.push(kept);
  }

  taken(): string {
    const line = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    return line;
  }
}

/** A pipe may be empty: its writer is waited for without a limit. */
function read(path: string, fd: number, into: Buffer): number {
  return reaching('log', path, () => {
    for (;;) {
      try {
        return readSync(fd, into, 0, into.length, null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
      }
    }
  });
}

/** A log that is read more than once: a file, or a pipe's contents, stored in a file until it is closed. */
export class Spool {
  private readonly path: string;
  private readonly folder: string | null;

  private constructor(path: string, folder: string | null) {
    this.path = path;
    this.folder = folder;
  }

  /** @param lines all lines at `path`. */
  static of(path: string, lines: Iterable<string>): Spool {
    if (path !== STDIN && statSync(path).isFile()) return new Spool(path, null);
    const folder = mkdtempSync(join(tmpdir(), 'guestrig-log-'));
    const copy = join(folder, 'log');
    const file = new LineFile('log', copy);
    for (const line of lines) file.line(line);
    file.close();
    return new Spool(copy, folder);
  }

  lines(): Generator<string> {
    return linesOf(this.path);
  }

  close(): void {
    if (this.folder !== null) rmSync(this.folder, { recursive: true });
  }
}
