import type { Gpa } from '../../../core/bits.ts';
import type { Lent } from './lent.ts';

/** Kinds of ranges of a chain. */
export const RANGE = { table: 0, readable: 1, writable: 2, left: 3 } as const;
export type RangeKind = (typeof RANGE)[keyof typeof RANGE];

const PAGE = 4096;
const PAGE_BUCKETS = 4096;
/** A range of more pages lies in the last bucket of its kind, which is always searched. */
const PAGES_MAX = 64;
const BUCKETS = PAGE_BUCKETS + 1;
/** The most ranges that a bucket takes: more than small buffers fit into its pages. */
const NEAR_MAX = 1024;
const KINDS = 4;
const NONE = -1;

/**
 * Which chain an address belongs to. Ranges lie in buckets by their kind and pages, each bucket a list; the columns are
 * reused, so that nothing is allocated once there are enough.
 *
 * @example
 * index.add(0x5000, 64, RANGE.readable, lent);
 * const at = index.find(0x5010, 4, RANGE.readable);      // -1 is none
 * index.lentOf(at);
 * index.remove(lent);                                    // all of its ranges
 */
export class LentIndex {
  /** The first range of each bucket. */
  private readonly heads = new Int32Array(KINDS * BUCKETS).fill(NONE);
  /** How many ranges each bucket has, of whatever kind. */
  private readonly near = new Int32Array(BUCKETS);
  private from = new Float64Array(256);
  private to = new Float64Array(256);
  private bucket = new Int32Array(256);
  /** Neighbours in the bucket, and the next range of the same chain. */
  private next = new Int32Array(256);
  private before = new Int32Array(256);
  private sibling = new Int32Array(256);
  private readonly lents: (Lent | null)[] = [];
  private free = NONE;

  add(at: Gpa, length: number, kind: RangeKind, lent: Lent): void {
    const first = Math.floor(at / PAGE);
    const last = Math.floor((at + length - 1) / PAGE);
    const buckets = kind * BUCKETS;
    if (last - first >= PAGES_MAX) this.put(buckets + PAGE_BUCKETS, at, at + length, lent);
    else
      for (let page = first; page <= last; page++)
        this.put(buckets + (page & (PAGE_BUCKETS - 1)), at, at + length, lent);
  }

  /** Forgets every range of the chain. */
  remove(lent: Lent): void {
    for (let at = lent.range; at !== NONE; ) {
      const sibling = this.sibling[at]!;
      this.take(at);
      at = sibling;
    }
    lent.range = NONE;
  }

  /** An overlapping range of that kind, of a chain not reported yet and other than `but`; -1 is none. */
  find(at: Gpa, length: number, kind: RangeKind, but: Lent | null = null): number {
    const buckets = kind * BUCKETS;
    const last = Math.floor((at + length - 1) / PAGE);
    for (let page = Math.floor(at / PAGE); page <= last; page++) {
      const found = this.look(buckets + (page & (PAGE_BUCKETS - 1)), at, at + length, but);
      if (found !== NONE) return found;
    }
    return this.look(buckets + PAGE_BUCKETS, at, at + length, but);
  }

  /** Whether no range lies near. Fast enough for every access. */
  clear(at: Gpa): boolean {
    const { near } = this;
    return near[(at / PAGE) & (PAGE_BUCKETS - 1)] === 0 && near[PAGE_BUCKETS] === 0;
  }

  lentOf(range: number): Lent {
    return this.lents[range]!;
  }

  beginOf(range: number): Gpa {
    return this.from[range]!;
  }

  endOf(range: number): Gpa {
    return this.to[range]!;
  }

  private look(bucket: number, from: Gpa, to: Gpa, but: Lent | null): number {
    for (let i = this.heads[bucket]!; i !== NONE; i = this.next[i]!)
      if (from < this.to[i]! && this.from[i]! < to && !this.lents[i]!.told && this.lents[i] !== but) return i;
    return NONE;
  }

  private put(bucket: number, from: Gpa, to: Gpa, lent: Lent): void {
    if (this.near[bucket % BUCKETS]! >= NEAR_MAX) return;
    const at = this.free === NONE ? this.grown() : this.free;
    this.free = this.next[at]!;
    this.from[at] = from;
    this.to[at] = to;
    this.bucket[at] = bucket;
    this.near[bucket % BUCKETS]!++;
    this.lents[at] = lent;
    const second = this.heads[bucket]!;
    this.next[at] = second;
    this.before[at] = NONE;
    if (second !== NONE) this.before[second] = at;
    this.heads[bucket] = at;
    this.sibling[at] = lent.range;
    lent.range = at;
  }

  private take(at: number): void {
    const next = this.next[at]!;
    const before = this.before[at]!;
    if (before === NONE) this.heads[this.bucket[at]!] = next;
    else this.next[before] = next;
    if (next !== NONE) this.before[next] = before;
    this.near[this.bucket[at]! % BUCKETS]!--;
    this.lents[at] = null;
    this.next[at] = this.free;
    this.free = at;
  }

  /** A free place; doubles the full columns. */
  private grown(): number {
    const at = this.lents.length;
    this.lents.push(null);
    if (at === this.next.length) {
      this.from = longer(this.from, new Float64Array(2 * at));
      this.to = longer(this.to, new Float64Array(2 * at));
      this.bucket = longer(this.bucket, new Int32Array(2 * at));
      this.next = longer(this.next, new Int32Array(2 * at));
      this.before = longer(this.before, new Int32Array(2 * at));
      this.sibling = longer(this.sibling, new Int32Array(2 * at));
    }
    this.next[at] = NONE;
    return at;
  }
}

function longer<Column extends Float64Array | Int32Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}
