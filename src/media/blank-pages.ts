/** Pages per chunk: one bit for each. */
const PIECE = 0x1_0000;
/** A chunk whose pages are all blank costs nothing. */
const ALL = new Uint8Array(PIECE / 8).fill(0xff);

/**
 * Tracks pages of a disk that read as zeros whatever lies below. Only chunks that are partly blank take memory.
 *
 * @example
 * const blank = new BlankPages();
 * blank.set(3, 8000);         // pages 3 to 7999
 * blank.has(4);               // true
 */
export class BlankPages {
  private readonly pieces = new Map<number, Uint8Array>();

  get none(): boolean {
    return this.pieces.size === 0;
  }

  has(page: number): boolean {
    const at = page % PIECE;
    const piece = this.pieces.get((page - at) / PIECE);
    return piece !== undefined && (piece[at >> 3]! & (1 << (at & 7))) !== 0;
  }

  /** Pages `from` to `to` − 1. */
  set(from: number, to: number): void {
    while (from < to) {
      const at = from % PIECE;
      const index = (from - at) / PIECE;
      const n = Math.min(PIECE - at, to - from);
      if (n === PIECE) this.pieces.set(index, ALL);
      else this.setPart(index, at, at + n);
      from += n;
    }
  }

  private setPart(index: number, from: number, to: number): void {
    let piece = this.pieces.get(index);
    if (piece === ALL) return;
    if (piece === undefined) this.pieces.set(index, (piece = new Uint8Array(PIECE / 8)));
    for (; from < to && from % 8 !== 0; from++) piece[from >> 3]! |= 1 << (from & 7);
    for (; from + 8 <= to; from += 8) piece[from >> 3] = 0xff;
    for (; from < to; from++) piece[from >> 3]! |= 1 << (from & 7);
  }
}
