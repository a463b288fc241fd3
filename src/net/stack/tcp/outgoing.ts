import { PIECE } from './account.ts';

interface Piece {
  readonly bytes: Uint8Array;
  /** Bytes of memory. */
  readonly cost: number;
}

/** Bytes that are to be sent, counted from the first that there ever was; those that came over are let go. */
export class Outgoing {
  /** How many there were in all, and how many are let go. */
  end = 0;
  begin = 0;
  /** Bytes of memory that they take. */
  kept = 0;
  private readonly pieces: Piece[] = [];
  /** Where the first piece begins. */
  private base = 0;

  /** Keeps them as they are: they are the caller's no more. */
  add(bytes: Uint8Array): void {
    this.put(bytes, PIECE + bytes.length);
  }

  /** The same of bytes that are there anyhow, such as a page's. */
  addLent(bytes: Uint8Array): void {
    this.put(bytes, PIECE);
  }

  /** Lets go of what is before `begin`. */
  release(begin: number): void {
    this.begin = begin;
    while (this.pieces.length > 0 && this.base + this.pieces[0]!.bytes.length <= begin) {
      const { bytes, cost } = this.pieces.shift()!;
      this.base += bytes.length;
      this.kept -= cost;
    }
  }

  /** Nothing is sent any more. */
  clear(): void {
    this.pieces.length = this.kept = 0;
  }

  /** Copies `into.length` bytes from `from` on, which are there. */
  copy(from: number, into: Uint8Array): void {
    let [at, base] = [0, this.base];
    for (const { bytes } of this.pieces) {
      if (at === into.length) return;
      const start = from + at - base;
      if (start < bytes.length) {
        const part = bytes.subarray(start, start + into.length - at);
        into.set(part, at);
        at += part.length;
      }
      base += bytes.length;
    }
  }

  private put(bytes: Uint8Array, cost: number): void {
    if (bytes.length === 0) return;
    this.pieces.push({ bytes, cost });
    this.end += bytes.length;
    this.kept += cost;
  }
}
