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
    const { starts, ends, made } = this;
    // By the golden ratio, so that starts at equal distances, as those of buffers and frames are, spread out.
    const slot = ((Math.imul(start, 0x9e37_79b1) + Math.imul(end - start, 0x85eb_ca6b)) >>> 24) & ~1;
    if (starts[slot] === start && ends[slot] === end) return made[slot]!;
    const other = slot + 1;
    if (starts[other] === start && ends[other] === end) return made[other]!;
    // Of two that share a pair of slots, the one made last stays.
    starts[other] = starts[slot]!;
    ends[other] = ends[slot]!;
    made[other] = made[slot]!;
    starts[slot] = start;
    ends[slot] = end;
    return (made[slot] = this.bytes.subarray(start, end));
  }
}
