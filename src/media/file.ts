import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { checkObject } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { refusalOf } from './file-errors.ts';
import { punchHole } from './file-holes.ts';
import { BLOCK, checkBuffer, type Medium, type MediumOptions } from './medium.ts';

/** Bytes per step when reading and zero-filling. */
const CHUNK = 0x1_0000;
const ZEROS = Buffer.alloc(CHUNK);
const IMAGE = 'a raw disk image: a regular file, its size a multiple of 512 bytes above 0';

/**
 * A raw disk image in a file, read and written in place. Writes and unmaps go to the file at once: they survive the end of
 * this process, and after a flush, which is an fsync, or `close` also a loss of power. Unmapped ranges become holes; without
 * the package koffi, or on a file system without holes, they are read, and zeros are written where there are none yet.
 *
 * @example
 * const disk = FileMedium.open('boot.img', { readOnly: true });
 * disk.read(0, ram, 0x7c00, 512);   // straight into ram; false if the host cannot read it
 * disk.close();
 *
 * @throws MisuseError for a buffer without the requested range, and for everything but `close` once closed.
 */
export class FileMedium implements Medium {
  readonly path: string;
  readonly blocks: number;
  readonly readOnly: boolean;
  readonly isCostly = true;
  private readonly size: number;
  private fd: number;
  failure: 'full' | null = null;
  private unflushed = false;
  /** Error of the first fsync that failed: Linux drops data it could not write, and the next fsync succeeds (fsync(2)). */
  private failed: unknown = null;

  private constructor(path: string, fd: number, size: number, readOnly: boolean) {
    this.path = path;
    this.fd = fd;
    this.size = size;
    this.blocks = size / BLOCK;
    this.readOnly = readOnly;
  }

  /** @throws MisuseError if the file is missing, cannot be opened, is no regular file, or of an odd size. */
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
    return this.readFile(offset, into, at, length);
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length) || this.readOnly) return false;
    checkBuffer(from, at, length);
    this.unflushed = true;
    return this.writeFile(offset, from, at, length);
  }

  unmap(offset: number, length: number): boolean {
    if (!this.holds(offset, length) || this.readOnly) return false;
    this.unflushed = true;
    return length === 0 || punchHole(this.fd, offset, length) || this.fill(offset, length);
  }

  flush(): boolean {
    this.checkOpen();
    try {
      fsyncSync(this.fd);
      this.unflushed = false;
    } catch (error) {
      this.failed ??= error;
    }
    if (this.failed !== null) this.failure = failureOf(this.failed);
    return this.failed === null;
  }

  /** @throws MisuseError unless all writes are certainly in the file; it is closed nevertheless. */
  close(): void {
    if (this.fd < 0) return;
    if (this.unflushed) this.flush();
    closeSync(this.fd);
    this.fd = -1;
    if (this.failed !== null)
      throw new MisuseError(
        `disk ${this.path}`,
        this.path,
        '',
        `what was written may be lost: ${refusalOf(this.failed)}`,
      );
  }

  /** Writes zeros to the file, unless they are there: a hole stays one. */
  private fill(offset: number, length: number): boolean {
    const found = Buffer.alloc(Math.min(CHUNK, length));
    for (; length > 0; offset += CHUNK, length -= CHUNK) {
      const n = Math.min(CHUNK, length);
      if (!this.readFile(offset, found, 0, n)) return false;
      const isZero = found.compare(ZEROS, 0, n, 0, n) === 0;
      if (!isZero && !this.writeFile(offset, ZEROS, 0, n)) return false;
    }
    return true;
  }

  private readFile(offset: number, into: Uint8Array, at: number, length: number): boolean {
    try {
      while (length > 0) {
        const n = readSync(this.fd, into, at, length, offset);
        if (n === 0) return false; // cut by another program
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
    } catch (error) {
      this.failure = failureOf(error);
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

/** Of a file system without room, or of a user without a share of it. */
function failureOf(error: unknown): 'full' | null {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : null;
}

function openImage(path: string, readOnly: boolean): number {
  // Opening a FIFO must not block until its other end is opened.
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
