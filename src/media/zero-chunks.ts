/** Bytes of a chunk. */
export const CHUNK = 0x1_0000;

/**
 * Which chunks of a disk read as zeros, whatever lies in its file: one bit for each.
 *
 * @example
 * const zeros = new ZeroChunks(10 * 2 ** 30);
 * zeros.set(3, 8000);         // chunks 3 to 7999
 * zeros.has(4);               // true
 * zeros.clear(4);
 */
export class ZeroChunks {
  private readonly bits: Uint8Array;

  /** @param bytes of the disk. */
  constructor(bytes: number) {
    this.bits = new Uint8Array(Math.ceil(Math.ceil(bytes / CHUNK) / 8));
  }

  has(chunk: number): boolean {
    return (this.bits[Math.floor(chunk / 8)]! & (1 << (chunk % 8))) !== 0;
  }

  clear(chunk: number): void {
    this.bits[Math.floor(chunk / 8)]! &= ~(1 << (chunk % 8));
  }

  /** Chunks `from` to `to` − 1; whole bytes of eight at once. */
  set(from: number, to: number): void {
    let chunk = from;
    for (; chunk < to && chunk % 8 !== 0; chunk++) this.bits[Math.floor(chunk / 8)]! |= 1 << (chunk % 8);
    const end = to - (to % 8);
    if (chunk < end) this.bits.fill(0xff, chunk / 8, end / 8);
    for (chunk = Math.max(chunk, end); chunk < to; chunk++)
      this.bits[Math.floor(chunk / 8)]! |= 1 << (chunk % 8);
  }

  /** Each of them, in order. */
  *all(): Iterable<number> {
    for (const [i, byte] of this.bits.entries())
      for (let bit = 0; byte >> bit !== 0; bit++) if ((byte & (1 << bit)) !== 0) yield i * 8 + bit;
  }
}
