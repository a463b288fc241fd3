import { PIECE } from './account.ts';

interface Piece {
  readonly bytes: Uint8Array;
  /** Bytes of memory. */
  readonly cost: number;
}

/** Bytes to be sent, counted from the first of the connection; acknowledged ones are dropped. */
export class Outgoing {
  /** Number of all bytes, and of the dropped ones. */
  end = 0;
  begin = 0;
  /** Bytes of memory that they take. */
  kept = 0;
  private readonly pieces: Piece[] = [];
  /** Start of the first piece. */
  private base = 0;

  /** Keeps these bytes without a copy: the caller must not use them any more. */
  add(bytes: Uint8Array): void {
    this.put(bytes, PIECE + bytes.length);
  }

  /** The same for bytes that exist elsewhere anyway, such as a page's, and stay unchanged. */
  addLent(bytes: Uint8Array): void {
    this.put(bytes, PIECE);
  }

  /** Drops what is before `begin`. */
  release(begin: number): void {
    this.begin = begin;
    while (this.pieces.length > 0 && this.base + this.pieces[0]!.bytes.length <= begin) {
      const { bytes, cost } = this.pieces.shift()!;
      this.base += bytes.length;
      this.kept -= cost;
    }
  }

  /** Nothing more is sent. */
  clear(): void {
    this.pieces.length = this.kept = 0;
  }

  /** Copies `into.length` bytes from `from` on, which must be present. */
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
