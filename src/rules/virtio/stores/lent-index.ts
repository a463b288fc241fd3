import type { Gpa } from '../../../core/bits.ts';
import type { Lent } from './lent.ts';

/** What a range is to a chain; bits, to ask for several. */
export const RANGE = { table: 1, readable: 2, writable: 4, left: 8 } as const;

const PAGE = 4096;
const BUCKETS = 4096;
/** A range of more pages is looked at by itself, in a list of its own. */
const PAGES_MAX = 64;
const LARGE = BUCKETS;
const NONE = -1;

/**
 * Which chain an address belongs to. Ranges lie in buckets by their pages, in columns that are used again: nothing is
 * allocated once there are enough.
 *
 * @example
 * index.add(0x5000, 64, RANGE.readable, lent);
 * index.find(0x5010, 4, RANGE.readable | RANGE.table);   // its number
 * index.remove(lent, 0x5000, 64);
 */
export class LentIndex {
  /** The first range of each bucket. */
  private readonly heads = new Int32Array(BUCKETS + 1).fill(NONE);
  private from = new Float64Array(256);
  private to = new Float64Array(256);
  private kinds = new Uint8Array(256);
  private next = new Int32Array(256);
  private readonly lents: (Lent | null)[] = [];
  private free = NONE;

  add(at: Gpa, length: number, kind: number, lent: Lent): void {
    const first = Math.floor(at / PAGE);
    const last = Math.floor((at + length - 1) / PAGE);
    if (last - first >= PAGES_MAX) this.put(LARGE, at, at + length, kind, lent);
    else for (let page = first; page <= last; page++) this.put(bucketOf(page), at, at + length, kind, lent);
  }

  /** Forgets every range of `lent` in the pages of this one. */
  remove(lent: Lent, at: Gpa, length: number): void {
    const first = Math.floor(at / PAGE);
    const last = Math.floor((at + length - 1) / PAGE);
    if (last - first >= PAGES_MAX) this.take(LARGE, lent);
    else for (let page = first; page <= last; page++) this.take(bucketOf(page), lent);
  }

  /** The number of a range of one of `kinds` with a byte of this one in it; of chains of which nothing was told. -1 is none. */
  find(at: Gpa, length: number, kinds: number): number {
    const last = Math.floor((at + length - 1) / PAGE);
    for (let page = Math.floor(at / PAGE); page <= last; page++) {
      const found = this.look(bucketOf(page), at, at + length, kinds);
      if (found !== NONE) return found;
    }
    return this.heads[LARGE] === NONE ? NONE : this.look(LARGE, at, at + length, kinds);
  }

  /** Whether nothing lies near: one bucket is asked, for who looks at every access. */
  clear(at: Gpa): boolean {
    return this.heads[(at / PAGE) & (BUCKETS - 1)] === NONE && this.heads[LARGE] === NONE;
  }

  lentOf(range: number): Lent {
    return this.lents[range]!;
  }

  kindOf(range: number): number {
    return this.kinds[range]!;
  }

  beginOf(range: number): Gpa {
    return this.from[range]!;
  }

  endOf(range: number): Gpa {
    return this.to[range]!;
  }

  private look(bucket: number, from: Gpa, to: Gpa, kinds: number): number {
    for (let i = this.heads[bucket]!; i !== NONE; i = this.next[i]!)
      if (from < this.to[i]! && this.from[i]! < to && (this.kinds[i]! & kinds) !== 0)
        if (!this.lents[i]!.told) return i;
    return NONE;
  }

  private put(bucket: number, from: Gpa, to: Gpa, kind: number, lent: Lent): void {
    const at = this.free === NONE ? this.grown() : this.free;
    this.free = this.next[at]!;
    this.from[at] = from;
    this.to[at] = to;
    this.kinds[at] = kind;
    this.lents[at] = lent;
    this.next[at] = this.heads[bucket]!;
    this.heads[bucket] = at;
  }

  private take(bucket: number, lent: Lent): void {
    let before = NONE;
    for (let i = this.heads[bucket]!; i !== NONE; ) {
      const next = this.next[i]!;
      if (this.lents[i] !== lent) before = i;
      else {
        if (before === NONE) this.heads[bucket] = next;
        else this.next[before] = next;
        this.lents[i] = null;
        this.next[i] = this.free;
        this.free = i;
      }
      i = next;
    }
  }

  /** One more column entry, the columns twice as long if they are full. */
  private grown(): number {
    const at = this.lents.length;
    this.lents.push(null);
    if (at === this.next.length) {
      this.from = longer(this.from, new Float64Array(2 * at));
      this.to = longer(this.to, new Float64Array(2 * at));
      this.kinds = longer(this.kinds, new Uint8Array(2 * at));
      this.next = longer(this.next, new Int32Array(2 * at));
    }
    this.next[at] = NONE;
    return at;
  }
}

function bucketOf(page: number): number {
  return page & (BUCKETS - 1);
}

function longer<Column extends Float64Array | Uint8Array | Int32Array>(from: Column, into: Column): Column {
  into.set(from);
  return into;
}
