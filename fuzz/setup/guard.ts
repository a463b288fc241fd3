/** Bytes before and after a lent buffer: a stray store shows there. */
const GUARD = 64 << 10;
const GUARD_BYTE = 0x5a;
const guard = Buffer.alloc(GUARD, GUARD_BYTE);

/** Bytes between guard bytes. */
export class Guarded {
  /** The lent bytes. */
  readonly bytes: Uint8Array;
  private readonly before: Uint8Array;
  private readonly behind: Uint8Array;

  /** @param buffer at least `roomFor(length)` bytes. */
  constructor(buffer: ArrayBufferLike, length: number) {
    this.before = new Uint8Array(buffer, 0, GUARD);
    this.bytes = new Uint8Array(buffer, GUARD, length);
    this.behind = new Uint8Array(buffer, GUARD + length, GUARD);
    this.before.fill(GUARD_BYTE);
    this.behind.fill(GUARD_BYTE);
  }

  get intact(): boolean {
    return guard.equals(this.before) && guard.equals(this.behind);
  }
}

export function roomFor(length: number): number {
  return length + 2 * GUARD;
}
