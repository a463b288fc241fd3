const SLOTS = 256;
const NONE = -1;

/**
 * Parts of an array that are requested again and again, such as frames of recurring lengths: a new view costs as much
 * as copying two thousand bytes, and makes garbage.
 */
export class Views {
  readonly bytes: Uint8Array;
  private readonly made: (Uint8Array | null)[] = new Array<Uint8Array | null>(SLOTS).fill(null);
  private readonly starts = new Int32Array(SLOTS).fill(NONE);
  private readonly ends = new Int32Array(SLOTS);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** As `subarray`, for a part that lies inside. */
  of(start: number, end: number): Uint8Array {
    const slot = Math.imul(start ^ Math.imul(end, 0x85eb_ca6b), 0x9e37_79b1) >>> 24;
    if (this.starts[slot] === start && this.ends[slot] === end) return this.made[slot]!;
    const view = this.bytes.subarray(start, end);
    this.starts[slot] = start;
    this.ends[slot] = end;
    this.made[slot] = view;
    return view;
  }
}
