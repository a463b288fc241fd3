import { ahead, plus, type Sequence } from './sequence.ts';

interface Piece {
  readonly sequence: Sequence;
  readonly bytes: Uint8Array;
}

/** Pieces that wait at most: a peer of many small overlapping ones fills no memory. What is let go comes again. */
const PIECES = 1024;

/** What came out of order waits here until what is before it comes. */
export class Incoming {
  /** Of the next byte. */
  next: Sequence;
  /** Behind a gap, in order of their first bytes. */
  private waiting: Piece[] = [];

  constructor(next: Sequence) {
    this.next = next;
  }

  /** Bytes that came, none of them behind the window. @returns what is in order now, each byte once. */
  take(sequence: Sequence, bytes: Uint8Array): readonly Uint8Array[] {
    if (ahead(sequence, this.next) > 0) {
      this.keep({ sequence, bytes: bytes.slice() });
      return [];
    }
    const taken: Uint8Array[] = [];
    this.pass({ sequence, bytes }, taken);
    while (this.waiting.length > 0 && ahead(this.waiting[0]!.sequence, this.next) <= 0)
      this.pass(this.waiting.shift()!, taken);
    return taken;
  }

  private keep(piece: Piece): void {
    if (piece.bytes.length === 0 || this.waiting.length === PIECES) return;
    const found = this.waiting.findIndex(({ sequence }) => ahead(sequence, piece.sequence) >= 0);
    const at = found < 0 ? this.waiting.length : found;
    const known = this.waiting[at];
    // What comes twice is kept once, and the longer of two.
    const isSame = known?.sequence === piece.sequence;
    if (isSame && known.bytes.length >= piece.bytes.length) return;
    this.waiting.splice(at, isSame ? 1 : 0, piece);
  }

  private pass({ sequence, bytes }: Piece, taken: Uint8Array[]): void {
    const known = ahead(this.next, sequence);
    if (known >= bytes.length) return;
    taken.push(bytes.subarray(known));
    this.next = plus(this.next, bytes.length - known);
  }
}
