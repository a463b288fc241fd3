import type { Gpa } from '../../../core/bits.ts';
import type { RingArea } from './ring-areas.ts';

const PAGE = 4096;
const BUCKETS = 4096;
export const NO_AREAS: readonly RingArea[] = [];

/**
 * Which areas of rings an address belongs to.
 *
 * @example
 * areas.add(ring.areas);
 * areas.at(0x5010);                 // null is none
 */
export class AreaIndex {
  /** By the pages that they touch, modulo the number of buckets. */
  private readonly buckets: (readonly RingArea[])[] = new Array(BUCKETS).fill(NO_AREAS);
  /** The area found last: a driver's next access is often to it, too. */
  private lately: RingArea | null = null;

  add(areas: readonly RingArea[]): void {
    for (const area of areas)
      for (const bucket of bucketsOf(area.from, area.to - area.from))
        this.buckets[bucket] = [...this.buckets[bucket]!, area];
  }

  remove(areas: readonly RingArea[]): void {
    this.lately = null;
    for (const area of areas)
      for (const bucket of bucketsOf(area.from, area.to - area.from)) {
        const others = this.buckets[bucket]!.filter((other) => other !== area);
        this.buckets[bucket] = others.length === 0 ? NO_AREAS : others;
      }
  }

  at(address: Gpa): RingArea | null {
    const { lately } = this;
    if (lately !== null && address >= lately.from && address < lately.to) return lately;
    const areas = this.buckets[bucketOf(address)]!;
    for (let i = 0; i < areas.length; i++) {
      const area = areas[i]!;
      if (address >= area.from && address < area.to) {
        this.lately = area;
        return area;
      }
    }
    return null;
  }

  /** The name of the ring field that lies there; null if there is none. */
  nameAt(address: Gpa, length: number): string | null {
    const area = this.in(address, length)[0];
    if (area === undefined) return null;
    return area.fieldAt(Math.max(address, area.from) - area.from);
  }

  /** The areas that overlap the range. */
  in(address: Gpa, length: number): readonly RingArea[] {
    let found = NO_AREAS;
    const last = Math.min(address + length - 1, address + (BUCKETS - 1) * PAGE);
    for (let at = address; at <= last; at = at - (at % PAGE) + PAGE) {
      const areas = this.buckets[bucketOf(at)]!;
      for (let i = 0; i < areas.length; i++) {
        const area = areas[i]!;
        if (area.from < address + length && address < area.to && !found.includes(area))
          found = [...found, area];
      }
    }
    return found;
  }
}

function bucketOf(address: Gpa): number {
  return (address / PAGE) & (BUCKETS - 1);
}

/** The buckets of the range's pages, each once. */
function bucketsOf(address: Gpa, length: number): ReadonlySet<number> {
  const pages = Math.floor((address + length - 1) / PAGE) - Math.floor(address / PAGE) + 1;
  return new Set(Array.from({ length: Math.min(pages, BUCKETS) }, (_, i) => bucketOf(address + i * PAGE)));
}
