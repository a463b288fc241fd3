import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { checkObject } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { BLOCK, checkBuffer, type Medium, type MediumOptions } from './medium.ts';

const CHUNK = 0x1_0000;
const ZEROS = Buffer.alloc(CHUNK);
const IMAGE = 'a raw disk image: a regular file, its size a multiple of 512 bytes above 0';

/**
 * A raw disk image in a file, read and written in place. What is written lies in the host's page cache until a
 * flush, which is an fsync.
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

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length) || this.readOnly) return false;
    checkBuffer(from, at, length);
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

  /** Writes zeros only where there are none yet: a hole of a sparse file stays a hole. */
  unmap(offset: number, length: number): boolean {
    if (!this.holds(offset, length) || this.readOnly) return false;
    const found = Buffer.alloc(Math.min(CHUNK, length));
    for (; length > 0; offset += CHUNK, length -= CHUNK) {
      const n = Math.min(CHUNK, length);
      if (!this.read(offset, found, 0, n)) return false;
      const zero = found.compare(ZEROS, 0, n, 0, n) === 0;
      if (!zero && !this.write(offset, ZEROS, 0, n)) return false;
    }
    return true;
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
    closeSync(this.fd);
    this.fd = -1;
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
    throw new MisuseError(`disk ${path}`, path, IMAGE, reason((error as NodeJS.ErrnoException).code));
  }
}

function reason(code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EISDIR':
      return 'not a regular file';
    case 'EACCES':
    case 'EROFS':
      return 'permission denied (open it with readOnly if it is only to be read)';
    default:
      return `cannot be opened (${code})`;
  }
}
