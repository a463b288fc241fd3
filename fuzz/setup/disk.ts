import { closeSync, fstatSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileMedium, type Medium, MemoryMedium } from '../../src/index.ts';
import { Guarded, roomFor } from './guard.ts';
import type { DiskSetup } from './setup.ts';

const BLOCK = 512;
/** One request in so many fails on a broken medium. */
const BROKEN_ONE_IN = 5;

/** What is compared at once, and how many of them at a flush: the time of a flush is the machine's. */
const PIECE = 64 << 10;
const PIECES = 8;

/** A medium for one disk, and what was done to it that must not be. */
export interface LentDisk {
  readonly medium: Medium;
  /** Once the machine is closed. */
  damage(): string | null;
}

const BEYOND = 'a disk was used beyond its medium';

export function lendDisk({ kind, bytes, readOnly }: DiskSetup): LentDisk {
  if (kind === 'sparse') return { medium: new MemoryMedium(bytes, { readOnly }), damage: () => null };
  if (kind === 'file') return lendFile(bytes, readOnly);
  const medium = new GuardedMedium(bytes, readOnly, kind === 'broken');
  return { medium, damage: () => (medium.intact ? null : BEYOND) };
}

function lendFile(bytes: number, readOnly: boolean): LentDisk {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-fuzz-'));
  const path = join(folder, 'disk');
  const file = openSync(path, 'w+');
  ftruncateSync(file, bytes);
  const medium = new MirroredMedium(FileMedium.open(path, { readOnly }), file);
  return {
    medium,
    damage: () => {
      medium.compare(Number.POSITIVE_INFINITY);
      const { size } = fstatSync(file);
      closeSync(file);
      rmSync(folder, { recursive: true });
      if (size !== bytes) return BEYOND;
      return medium.differs ? 'a disk in a file lost what was flushed' : null;
    },
  };
}

/** A disk in a file, and in memory what the file must hold after each flush. */
class MirroredMedium implements Medium {
  readonly blocks: number;
  readonly readOnly: boolean;
  differs = false;
  private readonly medium: Medium;
  private readonly mirror: MemoryMedium;
  /** The same file, as another process would read it. */
  private readonly file: number;
  /** Pieces that were written or unmapped since they were compared. */
  private readonly changed = new Set<number>();
  private readonly expected = Buffer.alloc(PIECE);
  private readonly found = Buffer.alloc(PIECE);

  constructor(medium: Medium, file: number) {
    this.medium = medium;
    this.file = file;
    this.blocks = medium.blocks;
    this.readOnly = medium.readOnly;
    this.mirror = new MemoryMedium(medium.blocks * BLOCK);
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    return this.medium.read(offset, into, at, length);
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (!this.medium.write(offset, from, at, length)) return false;
    this.mirror.write(offset, from, at, length);
    this.change(offset, length);
    return true;
  }

  unmap(offset: number, length: number): boolean {
    if (!this.medium.unmap(offset, length)) return false;
    this.mirror.unmap(offset, length);
    this.change(offset, length);
    return true;
  }

  flush(): boolean {
    const isFlushed = this.medium.flush();
    if (isFlushed) this.compare(PIECES);
    return isFlushed;
  }

  close(): void {
    this.medium.close();
  }

  /** Compares up to `most` of the changed pieces. */
  compare(most: number): void {
    let left = most;
    for (const piece of this.changed) {
      if (left-- <= 0) return;
      const at = piece * PIECE;
      const length = Math.min(PIECE, this.blocks * BLOCK - at);
      this.mirror.read(at, this.expected, 0, length);
      const isThere = readSync(this.file, this.found, 0, length, at) === length;
      if (!isThere || this.found.compare(this.expected, 0, length, 0, length) !== 0) this.differs = true;
      this.changed.delete(piece);
    }
  }

  private change(offset: number, length: number): void {
    for (let at = Math.floor(offset / PIECE); at * PIECE < offset + length; at++) this.changed.add(at);
  }
}

/** Memory between guard bytes. Accesses must not go beyond its end, and a read-only disk must not write. */
class GuardedMedium implements Medium {
  readonly blocks: number;
  readonly readOnly: boolean;
  private readonly guarded: Guarded;
  private readonly broken: boolean;
  private asked = 0;
  private misused = false;

  constructor(bytes: number, readOnly: boolean, broken: boolean) {
    this.blocks = bytes / BLOCK;
    this.readOnly = readOnly;
    this.guarded = new Guarded(new ArrayBuffer(roomFor(bytes)), bytes);
    this.broken = broken;
  }

  get intact(): boolean {
    return this.guarded.intact && !this.misused;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    if (!this.holds(offset, length) || this.fails()) return false;
    if (at < 0 || at + length > into.length) this.misused = true;
    else into.set(this.guarded.bytes.subarray(offset, offset + length), at);
    return true;
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    if (this.readOnly) this.misused = true;
    if (!this.holds(offset, length) || this.fails()) return false;
    if (at < 0 || at + length > from.length) this.misused = true;
    else this.guarded.bytes.set(from.subarray(at, at + length), offset);
    return true;
  }

  unmap(offset: number, length: number): boolean {
    if (this.readOnly) this.misused = true;
    if (!this.holds(offset, length) || this.fails()) return false;
    this.guarded.bytes.fill(0, offset, offset + length);
    return true;
  }

  flush(): boolean {
    return !this.fails();
  }

  close(): void {}

  private holds(offset: number, length: number): boolean {
    return offset >= 0 && length >= 0 && offset + length <= this.guarded.bytes.length;
  }

  private fails(): boolean {
    return this.broken && ++this.asked % BROKEN_ONE_IN === 0;
  }
}
