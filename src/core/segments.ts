import type { GuestMemory } from './memory.ts';
import { setBytes } from './set-bytes.ts';

/**
 * A scatter-gather list in guest RAM, as columns: segment i is `length[i]` bytes of `bytes[i]` from `offset[i]`.
 * The lists are reused from request to request, so keep no reference past the call that got one.
 */
export class Segments {
  count = 0;
  /** Sum of the lengths. */
  total = 0;
  readonly bytes: Uint8Array[] = [];
  readonly offset: number[] = [];
  readonly length: number[] = [];
  /** The bytes written into it are payload, which a guest may execute, not a structure of the device. */
  isData = true;
  /** The RAM that a chain's lists lie in. */
  memory: GuestMemory | null = null;

  clear(): void {
    this.count = 0;
    this.total = 0;
  }

  add(bytes: Uint8Array, offset: number, length: number): void {
    const i = this.count++;
    this.bytes[i] = bytes;
    this.offset[i] = offset;
    this.length[i] = length;
    this.total += length;
  }

  /** Becomes the rest of `whole` after its first `skip` bytes. */
  setTail(whole: Segments, skip: number): void {
    this.clear();
    this.memory = whole.memory;
    for (let i = 0; i < whole.count; i++) {
      const length = whole.length[i]!;
      if (skip < length) this.add(whole.bytes[i]!, whole.offset[i]! + skip, length - skip);
      skip = Math.max(0, skip - length);
    }
  }

  /** Copies `from` into the list, `skip` bytes in; returns how many bytes fitted. */
  scatter(from: Uint8Array, skip = 0, count: number = from.length): number {
    const start = skip;
    let done = 0;
    for (let i = 0; i < this.count && done < count; i++) {
      const length = this.length[i]!;
      if (skip >= length) {
        skip -= length;
        continue;
      }
      const n = Math.min(length - skip, count - done);
      copyBytes(from, done, this.bytes[i]!, this.offset[i]! + skip, n);
      done += n;
      skip = 0;
    }
    this.wrote(start, done);
    return done;
  }

  /** Call it when a device wrote `count` bytes, `skip` bytes in, other than by `scatter`. */
  wrote(skip: number, count: number): void {
    if (this.memory?.dirty) this.tell(skip, count);
  }

  /** Copies out of the list, `skip` bytes in, into `into`; returns how many bytes there were. */
  gather(into: Uint8Array, skip = 0, count: number = into.length): number {
    let done = 0;
    for (let i = 0; i < this.count && done < count; i++) {
      const length = this.length[i]!;
      if (skip >= length) {
        skip -= length;
        continue;
      }
      const n = Math.min(length - skip, count - done);
      copyBytes(this.bytes[i]!, this.offset[i]! + skip, into, done, n);
      done += n;
      skip = 0;
    }
    return done;
  }

  private tell(skip: number, count: number): void {
    for (let i = 0; i < this.count && count > 0; i++) {
      const n = Math.min(this.length[i]! - skip, count);
      if (n > 0) {
        this.memory!.wrote(this.bytes[i]!, this.offset[i]! + skip, n, this.isData);
        count -= n;
      }
      skip = Math.max(0, skip - this.length[i]!);
    }
  }
}

/** Up to this length a loop is faster than making a view, which also costs 96 bytes of heap. */
const LOOP_MAX = 64;

/** Copies `count` bytes of `from`, from `at` on, to `into`, from `to` on. */
export function copyBytes(from: Uint8Array, at: number, into: Uint8Array, to: number, count: number): void {
  if (count <= LOOP_MAX) for (let i = 0; i < count; i++) into[to + i] = from[at + i]!;
  else setBytes(into, at === 0 && count === from.length ? from : from.subarray(at, at + count), to);
}
