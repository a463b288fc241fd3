import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { reaching, wrongFile } from '../media/file-errors.ts';

export const MIB = 1 << 20;

/** The most bytes that are read of each kind of file: several times the usual size. */
export const MOST = {
  kernel: 512 * MIB,
  initrd: 512 * MIB,
  /** 64, 128 or 256 KiB are accepted. */
  firmware: MIB,
  /** It may be a kernel. */
  config: 512 * MIB,
  initramfs: 512 * MIB,
  /** And of all files of one `--sysctl` together. */
  sysctl: 16 * MIB,
  options: 16 * MIB,
  metadata: 16 * MIB,
  baseline: 16 * MIB,
  script: MIB,
  capture: 64 * MIB,
  pcap: 512 * MIB,
} as const;

type InputKind = keyof typeof MOST;

/** Kinds of files that may be empty: then nothing is set. */
const MAY_BE_EMPTY: readonly InputKind[] = ['sysctl'];

/** How many files the directories of one `--sysctl` may hold. */
export const MOST_SETTINGS_FILES = 4096;

/** Milliseconds that all reads of a file may wait. A file on a disk never does; a pipe, or one of /proc, may. */
const PATIENCE = 60_000;

/** A pipe must not be waited for, and a terminal must not become this process's own. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** For a file without a size, as a pipe. */
const FIRST = 1 << 16;
/** Milliseconds between two polls of a pipe. */
const PAUSE = 10;

/** The name of this process's own input. */
export const STDIN = '-';

/**
 * All of a file that the user named: a regular one, of /proc too, or a pipe; `-` is this process's own input, of any
 * kind. `MOST` limits the size.
 *
 * @throws MisuseError in one line for any other file of that name, and for any error.
 */
export function readInput(kind: InputKind, path: string, patience: number = PATIENCE): Buffer {
  return reaching(kind, path, () => {
    if (path === STDIN) return new OpenInput(kind, path, 0, patience).whole();
    // Checked before it is opened: opening some devices has effects.
    checkKind(kind, path, statSync(path));
    const fd = openSync(path, FLAGS);
    try {
      return new OpenInput(kind, path, fd, patience).whole();
    } finally {
      closeSync(fd);
    }
  });
}

class OpenInput {
  private readonly kind: InputKind;
  private readonly path: string;
  private readonly fd: number;
  private patience: number;

  constructor(kind: InputKind, path: string, fd: number, patience: number) {
    this.kind = kind;
    this.path = path;
    this.fd = fd;
    this.patience = patience;
  }

  whole(): Buffer {
    const before = fstatSync(this.fd);
    if (this.path !== STDIN) checkKind(this.kind, this.path, before);
    if (before.size > MOST[this.kind]) throw this.tooLarge();
    const bytes = this.bytes(before.size);
    const after = fstatSync(this.fd);
    if (before.isFile() && (after.size !== before.size || after.mtimeMs !== before.mtimeMs))
      throw this.wrong('was changed while it was read');
    if (bytes.length === 0 && before.isFIFO()) throw this.wrong('is a pipe without a writer');
    if (bytes.length === 0 && !MAY_BE_EMPTY.includes(this.kind)) throw this.wrong('is empty');
    return bytes;
  }

  /** Up to its end, regardless of its stated size: files of /proc say 0. */
  private bytes(said: number): Buffer {
    const most = MOST[this.kind];
    // A byte of room, which shows whether a file grew.
    let buffer: Buffer = Buffer.allocUnsafeSlow(Math.max(said + 1, FIRST));
    for (let length = 0; ; ) {
      const count = this.read(buffer, length);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
      if (length > most) throw this.tooLarge();
      if (length === buffer.length) buffer = larger(buffer, most);
    }
  }

  private read(into: Buffer, at: number): number {
    for (;;) {
      try {
        return readSync(this.fd, into, at, into.length - at, null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        if (this.patience <= 0) throw this.wrong('gives nothing, and we have waited long enough');
        pause();
        this.patience -= PAUSE;
      }
    }
  }

  private tooLarge(): Error {
    return this.wrong(`is larger than the ${MOST[this.kind] / MIB} MiB that are read`);
  }

  private wrong(plain: string): Error {
    return wrongFile(this.kind, this.path, plain);
  }
}

function checkKind(kind: InputKind, path: string, stat: Stats): void {
  if (stat.isFile() || stat.isFIFO()) return;
  const found = stat.isDirectory()
    ? 'directory'
    : stat.isCharacterDevice()
      ? 'character device'
      : stat.isBlockDevice()
        ? 'block device'
        : 'socket';
  throw wrongFile(kind, path, `is a ${found}`);
}

/** A text, in UTF-8. */
export function readText(kind: InputKind, path: string): string {
  return inUtf8(readInput(kind, path)).toString('utf8');
}

const MARK = Buffer.from('\ufeff');

/** Without a mark of its order. A shell of Windows redirects what a program prints in UTF-16. */
export function inUtf8(bytes: Buffer): Buffer {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.toString('utf16le', 2));
  return bytes.subarray(bytes.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0);
}

function larger(buffer: Buffer, most: number): Buffer {
  const grown = Buffer.allocUnsafeSlow(Math.min(buffer.length * 2, most + 1));
  buffer.copy(grown);
  return grown;
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
}

/** Deeper than any valid file, and shallow enough for an error message. */
const DEEPEST = 32;

/** The value of a JSON file. @throws MisuseError, with the file's name, if it is not JSON. */
export function readJson(kind: InputKind, path: string): unknown {
  const given = parse(kind, path);
  if (isDeeper(given, DEEPEST)) throw wrongFile(kind, path, `is more than ${DEEPEST} levels deep`);
  return given;
}

function parse(kind: InputKind, path: string): unknown {
  const text = readText(kind, path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongFile(kind, path, `not JSON: ${(error as Error).message}`);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
