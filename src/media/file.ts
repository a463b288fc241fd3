import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { checkObject } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { refusalOf } from './file-refusal.ts';
import { BLOCK, checkBuffer, type Medium, type MediumOptions } from './medium.ts';
import { CHUNK, ZeroChunks } from './zero-chunks.ts';

/** As much of an extent is filled with zeros at once. */
const SMALL = 1 << 20;
const ZEROS = Buffer.alloc(CHUNK);
const IMAGE = 'a raw disk image: a regular file, its size a multiple of 512 bytes above 0';

/**
 * A raw disk image in a file, read and written in place. What is written lies in the host's page cache until a
 * flush, which is an fsync. Of a large extent that is unmapped only the account is kept, unless it reaches to the end
 * of the disk, where the file gets a hole; the file itself has the zeros when it is closed.
 *
 * @example
 * const disk = FileMedium.open('boot.img', { readOnly: true });
 * disk.read(0, ram, 0x7c00, 512);   // straight into ram; false if the host cannot read it
 * disk.close();
 *
 * @throws MisuseError for a buffer without the range that is asked for, and for everything but `close` once closed.
 */
export class FileMedium implements Medium {
  readonly path: string;
  readonly blocks: number;
  readonly readOnly: boolean;
  private readonly size: number;
  private fd: number;
  /** What reads as zeros, whatever the file holds; null is nothing. */
  private zeros: ZeroChunks | null = null;

  private constructor(path: string, fd: number, size: number, readOnly: boolean) {
    this.path = path;
    this.fd = fd;
    this.size = size;
    this.blocks = size / BLOCK;
    this.readOnly = readOnly;
  }

  /** @throws MisuseError if the file is missing, not to be opened, no regular file, or of an odd size. */
  static open(path: string, options: MediumOptions = {}): FileMedium {
    if (typeof path !== 'string') throw new MisuseError('disk.path', path, 'a path');
    checkObject('disk.options', options);
    const readOnly = options.readOnly ?? false;
    const fd = openImage(path, readOnly);
    const stat = fstatSync(fd);
    const fault = !stat.isFile()
      ? 'not a regular file'
      : stat.size === 0 || stat.size % BLOCK !== 0
        ? `${stat.size} bytes are not a multiple of ${BLOCK} above 0`
        : null;
    if (fault !== null) {
      closeSync(fd);
      throw new MisuseError(`disk ${path}`, path, IMAGE, fault);
    }
    return new FileMedium(path, fd, stat.size, readOnly);
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length)) return false;
    checkBuffer(into, at, length);
    if (this.zeros === null) return this.readFile(offset, into, at, length);
    while (length > 0) {
      const n = Math.min(CHUNK - (offset % CHUNK), length);
      if (this.zeros.has(Math.floor(offset / CHUNK))) into.fill(0, at, at + n);
      else if (!this.readFile(offset, into, at, n)) return false;
      offset += n;
      at += n;
      length -= n;
    }
    return true;
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length) || this.readOnly) return false;
    checkBuffer(from, at, length);
    return this.settle(offset, length) && this.writeFile(offset, from, at, length);
  }

  /** Writes zeros only where there are none yet: a hole of a sparse file stays a hole. */
  unmap(offset: number, length: number): boolean {
    if (!this.holds(offset, length) || this.readOnly) return false;
    if (length <= SMALL) return this.fill(offset, length);
    const end = offset + length;
    const from = Math.ceil(offset / CHUNK);
    const to = end === this.size ? Math.ceil(end / CHUNK) : Math.floor(end / CHUNK);
    if (!this.fill(offset, from * CHUNK - offset)) return false;
    if (end < this.size && !this.fill(to * CHUNK, end - to * CHUNK)) return false;
    this.zeros ??= new ZeroChunks(this.size);
    this.zeros.set(from, to);
    return end < this.size || this.makeHole(from);
  }

  flush(): boolean {
    this.checkOpen();
    try {
      fsyncSync(this.fd);
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    if (this.fd < 0) return;
    for (const chunk of this.zeros?.all() ?? []) this.settle(chunk * CHUNK, 1);
    closeSync(this.fd);
    this.fd = -1;
  }

  /** Puts zeros into the file where chunks of this range only read as such. */
  private settle(offset: number, length: number): boolean {
    const { zeros } = this;
    if (zeros === null) return true;
    for (let chunk = Math.floor(offset / CHUNK); chunk * CHUNK < offset + length; chunk++) {
      if (!zeros.has(chunk)) continue;
      zeros.clear(chunk);
      if (!this.fill(chunk * CHUNK, Math.min(CHUNK, this.size - chunk * CHUNK))) return false;
    }
    return true;
  }

  /** Puts zeros into the file, unless they are there. */
  private fill(offset: number, length: number): boolean {
    const found = Buffer.alloc(Math.min(CHUNK, length));
    for (; length > 0; offset += CHUNK, length -= CHUNK) {
      const n = Math.min(CHUNK, length);
      if (!this.read(offset, found, 0, n)) return false;
      const zero = found.compare(ZEROS, 0, n, 0, n) === 0;
      if (!zero && !(this.settle(offset, n) && this.writeFile(offset, ZEROS, 0, n))) return false;
    }
    return true;
  }

  /** All from chunk `from` on reads as zeros, and what lies before it as far as the account says so: the file forgets it. */
  private makeHole(from: number): boolean {
    const zeros = this.zeros!;
    let first = from;
    while (first > 0 && zeros.has(first - 1)) first--;
    try {
      ftruncateSync(this.fd, first * CHUNK);
      ftruncateSync(this.fd, this.size);
    } catch {
      return false;
    }
    for (let chunk = first; chunk * CHUNK < this.size; chunk++) zeros.clear(chunk);
    return true;
  }

  private readFile(offset: number, into: Uint8Array, at: number, length: number): boolean {
    try {
      while (length > 0) {
        const n = readSync(this.fd, into, at, length, offset);
        if (n === 0) return false; // cut short behind our back
        offset += n;
        at += n;
        length -= n;
      }
      return true;
    } catch {
      return false;
    }
  }

  private writeFile(offset: number, from: Uint8Array, at: number, length: number): boolean {
    try {
      while (length > 0) {
        const n = writeSync(this.fd, from, at, length, offset);
        offset += n;
        at += n;
        length -= n;
      }
      return true;
    } catch {
      return false;
    }
  }

  private holds(offset: number, length: number): boolean {
    this.checkOpen();
    if (!Number.isInteger(offset) || !Number.isInteger(length)) return false;
    return offset >= 0 && length >= 0 && offset + length <= this.size;
  }

  private checkOpen(): void {
    if (this.fd < 0) throw new MisuseError(`disk ${this.path}`, 'closed', '', 'is closed');
  }
}

function openImage(path: string, readOnly: boolean): number {
  // Opening a FIFO must not wait for its other end.
  const { O_RDONLY, O_RDWR, O_NONBLOCK } = constants;
  try {
    return openSync(path, (readOnly ? O_RDONLY : O_RDWR) | O_NONBLOCK);
  } catch (error) {
    throw new MisuseError(`disk ${path}`, path, IMAGE, reason(error));
  }
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR' || code === 'ENXIO') return 'not a regular file';
  const hint = code === 'EACCES' || code === 'EROFS';
  return `${refusalOf(error)}${hint ? ' (open it with readOnly if it is only to be read)' : ''}`;
}
