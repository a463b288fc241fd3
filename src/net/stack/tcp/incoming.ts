import { PIECE } from './account.ts';
import type { Block } from './options.ts';
import { ahead, plus, type Sequence } from './sequence.ts';

interface Piece {
  readonly sequence: Sequence;
  readonly bytes: Uint8Array;
}

/** Maximum number of waiting pieces: many small overlapping ones must not fill memory. A dropped one is sent again. */
const PIECES = 1024;

/** Received data; out-of-order data waits here for what is before it. */
export class Incoming {
  /** Sequence number of the next byte. */
  next: Sequence;
  /** Data after a gap, in order of first bytes. */
  private waiting: Piece[] = [];
  /** Memory that it takes, in bytes. */
  kept = 0;
  /** Sequence number of the peer's FIN, if it came; and whether all up to it was received. */
  fin: Sequence | null = null;
  ended = false;
  /** The last out-of-order piece. */
  private last: Sequence = 0;

  constructor(next: Sequence) {
    this.next = next;
  }

  /** RFC 9293, 3.10.7.4: part of a segment of so many bytes lies within the receive window, `room`. */
  fits(sequence: Sequence, length: number, room: number): boolean {
    const begin = ahead(sequence, this.next);
    return begin < Math.max(room, length === 0 ? 1 : 0) && begin + Math.max(0, length - 1) >= 0;
  }

  /** Takes bytes, none of them beyond the window. @returns what is in order now, each byte once. */
  take(sequence: Sequence, bytes: Uint8Array): readonly Uint8Array[] {
    if (ahead(sequence, this.next) > 0) {
      this.last = sequence;
      this.keep({ sequence, bytes: new Uint8Array(bytes) });
      return [];
    }
    const taken: Uint8Array[] = [];
    this.pass({ sequence, bytes }, taken);
    while (this.waiting.length > 0 && ahead(this.waiting[0]!.sequence, this.next) <= 0) this.passFirst(taken);
    return taken;
  }

  /** Drops all waiting data, since there is no room for what is before it. It is sent again. */
  forget(): void {
    this.waiting = [];
    this.kept = 0;
  }

  /** Takes the FIN, if it is next in order. */
  takeFin(): boolean {
    if (this.ended || this.fin !== this.next) return false;
    this.next = plus(this.next, 1);
    this.ended = true;
    return true;
  }

  /** No out-of-order data waits. */
  get isWhole(): boolean {
    return this.waiting.length === 0;
  }

  /** SACK blocks, first the one with the last piece received (RFC 2018, 4). */
  blocks(): Block[] {
    const blocks: [Sequence, Sequence][] = [];
    for (const { sequence, bytes } of this.waiting) {
      const [end, last] = [plus(sequence, bytes.length), blocks.at(-1)];
      if (last === undefined || ahead(sequence, last[1]) > 0) blocks.push([sequence, end]);
      else if (ahead(end, last[1]) > 0) last[1] = end;
    }
    const first = blocks.findIndex(([from, to]) => ahead(this.last, from) >= 0 && ahead(this.last, to) < 0);
    if (first > 0) blocks.unshift(...blocks.splice(first, 1));
    return blocks;
  }

  private keep(piece: Piece): void {
    if (piece.bytes.length === 0 || this.waiting.length === PIECES) return;
    const found = this.waiting.findIndex(({ sequence }) => ahead(sequence, piece.sequence) >= 0);
    const at = found < 0 ? this.waiting.length : found;
    const known = this.waiting[at];
    // Of overlapping pieces with the same start, the longer is kept.
    const isSame = known?.sequence === piece.sequence;
    if (isSame && known.bytes.length >= piece.bytes.length) return;
    this.kept += costOf(piece) - (isSame ? costOf(known) : 0);
    this.waiting.splice(at, isSame ? 1 : 0, piece);
  }

  private passFirst(taken: Uint8Array[]): void {
    const first = this.waiting.shift()!;
    this.kept -= costOf(first);
    this.pass(first, taken);
  }

  private pass({ sequence, bytes }: Piece, taken: Uint8Array[]): void {
    const known = ahead(this.next, sequence);
    if (known >= bytes.length) return;
    taken.push(bytes.subarray(known));
    this.next = plus(this.next, bytes.length - known);
  }
}

function costOf({ bytes }: Piece): number {
  return PIECE + bytes.length;
}
