import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileMedium, type Medium, MemoryMedium } from '../../src/index.ts';
import { Guarded, roomFor } from './guard.ts';
import type { DiskSetup } from './setup.ts';

const BLOCK = 512;
/** One request in so many fails on a broken medium. */
const BROKEN_ONE_IN = 5;

/** A medium for one disk, and whether it was used correctly. */
export interface LentDisk {
  readonly medium: Medium;
  intact(): boolean;
}

export function lendDisk({ kind, bytes, readOnly }: DiskSetup): LentDisk {
  if (kind === 'sparse') return { medium: new MemoryMedium(bytes, { readOnly }), intact: () => true };
  if (kind === 'file') return lendFile(bytes, readOnly);
  const medium = new GuardedMedium(bytes, readOnly, kind === 'broken');
  return { medium, intact: () => medium.intact };
}

function lendFile(bytes: number, readOnly: boolean): LentDisk {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-fuzz-'));
  const path = join(folder, 'disk');
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes);
  closeSync(file);
  return {
    medium: FileMedium.open(path, { readOnly }),
    intact: () => {
      const { size } = statSync(path);
      rmSync(folder, { recursive: true });
      return size === bytes;
    },
  };
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
