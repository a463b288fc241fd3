/**
 * A seeded generator (mulberry32): the same seed gives the same run. Not for secrets.
 *
 * @example new Random(1).below(6)   // 0..5
 */
export class Random {
  readonly seed: number;
  private state: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.state = this.seed;
  }

  /** A 32-bit unsigned integer. */
  next(): number {
    this.state = (this.state + 0x6d2b_79f5) | 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** An integer from 0 to `limit` − 1. */
  below(limit: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * limit);
  }

  /** Fills the first `count` bytes. */
  fill(bytes: Uint8Array, count: number = bytes.length): void {
    for (let i = 0; i < count; i++) bytes[i] = this.next();
  }
}
