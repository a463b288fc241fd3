import { type Gpa, hex } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  PVIRTQ_DESC_F,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
} from '../../../virtio/registers.ts';
import { RingRam } from '../stores/ring-ram.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const KNOWN = NEXT | WRITE | INDIRECT;
const PACKED = PVIRTQ_DESC_F.AVAIL | PVIRTQ_DESC_F.USED;
const KIB = 1024;
/** Kicks in vain after which a driver's ring is searched for. */
const SEARCHES = 16;

/** Where a driver may have a split ring that the device does not see, and how it came to that. */
interface Candidate {
  readonly desc: Gpa;
  readonly avail: Gpa;
  readonly why: string;
  /** avail.idx there, when the device was told of its ring. */
  readonly idx: number;
}

/** The rings that the devices of a machine have now: what lies there is no ring that went astray. */
const KNOWN_RINGS = new WeakMap<Journal, Set<RingPlace>>();

/**
 * Searches for the ring of a driver that kicks, where the device finds nothing new in the ring that it was told of. It
 * is found if it is split, lies at one of a few places, and new buffers of RAM were made available there since.
 *
 * @example
 * astray.placed(place, true);
 * astray.search(false);         // 'a ring lies at 0001a400: a legacy ring begins at a page'
 */
export class AstrayRing {
  private readonly ram: RingRam | null;
  private readonly known: Set<RingPlace>;
  private place: RingPlace | null = null;
  private former: RingPlace | null = null;
  /** Where the ring is if its place was told wrongly, and where an earlier driver has it. */
  private misplaced: readonly Candidate[] = [];
  private earlier: readonly Candidate[] = [];
  private left = 0;

  constructor(journal: Journal, memory: GuestMemory | null) {
    this.ram = memory === null ? null : new RingRam(memory, true);
    this.known = KNOWN_RINGS.get(journal) ?? new Set();
    KNOWN_RINGS.set(journal, this.known);
  }

  placed(place: RingPlace, legacy: boolean): void {
    this.forgotten();
    this.place = place;
    this.known.add(place);
    this.left = SEARCHES;
    const { ram } = this;
    if (ram === null || place.endian === 'be') return;
    const asItIs = (where: Omit<Candidate, 'idx'>) => ({ ...where, idx: this.idxAt(where.avail) });
    this.misplaced = (legacy ? legacyPlaces(place) : modernPlaces(place)).map(asItIs);
    this.earlier = this.formerPlace().map(asItIs);
  }

  forgotten(): void {
    if (this.place === null) return;
    this.known.delete(this.place);
    this.former = this.place;
    this.place = null;
    this.misplaced = this.earlier = [];
  }

  /**
   * The driver kicked, and the device found nothing new.
   *
   * @param anyTaken the device took chains of the ring that it was told of, whose entries may look like another ring's.
   * @returns where its ring is, as text; null if it is not found.
   */
  search(anyTaken: boolean): string | null {
    const { ram, place, misplaced, earlier } = this;
    if (ram === null || place === null || this.left === 0) return null;
    this.left--;
    const found = (anyTaken ? earlier : [...misplaced, ...earlier]).find((one) =>
      this.hasNew(ram, place.size, one),
    );
    return found === undefined ? null : `buffers are made available at ${hex(found.desc, 8)}: ${found.why}`;
  }

  private formerPlace(): readonly Omit<Candidate, 'idx'>[] {
    const { former } = this;
    if (former === null || former.packed || former.endian === 'be') return [];
    const { desc, driver: avail } = former;
    return [
      { desc, avail, why: 'there the ring was before the device was reset, and another driver has it now' },
    ];
  }

  private idxAt(avail: Gpa): number {
    return this.ram!.u16(avail + virtq_avail.offset.idx);
  }

  /** Whether more was made available there since, all of it buffers. */
  private hasNew(ram: RingRam, size: number, { desc, avail, idx }: Candidate): boolean {
    const count = (this.idxAt(avail) - idx) & 0xffff;
    if (count === 0 || count > size || ram.u16(avail) > 1 || this.isKnown(avail)) return false;
    for (let i = 0; i < count; i++) {
      const head = ram.u16(avail + virtq_avail.size + 2 * ((idx + i) % size));
      const at = desc + head * virtq_desc.size;
      const length = ram.u32(at + virtq_desc.offset.len);
      const flags = ram.u16(at + virtq_desc.offset.flags);
      // Where the flags of a packed descriptor are, a split one has its next.
      const isPacked = head === 0 && (ram.u16(at + virtq_desc.offset.next) & PACKED) !== 0;
      if (isPacked || head >= size || length === 0 || flags > KNOWN || !ram.isRam(ram.u64(at), length))
        return false;
    }
    return true;
  }

  /** A device has a ring there, of which it knows; of its own only where the format differs. */
  private isKnown(avail: Gpa): boolean {
    for (const { desc, driver, packed } of this.known)
      if (!packed && avail >= Math.min(desc, driver) && avail <= driver) return true;
    return false;
  }
}

function legacyPlaces({ desc, size }: RingPlace): readonly Omit<Candidate, 'idx'>[] {
  const { avail } = legacyQueueLayout(size);
  const at = (from: Gpa, why: string) => ({ desc: from, avail: from + avail, why });
  const inPage = Array.from({ length: LEGACY_QUEUE_ALIGN / virtq_desc.size - 1 }, (_, i) =>
    at(desc + (i + 1) * virtq_desc.size, 'a legacy ring begins at a page'),
  );
  const written = hex(desc / LEGACY_QUEUE_ALIGN, 8);
  const register = `Queue Address was written with ${written}, and takes address / 4096`;
  return [
    at((desc / LEGACY_QUEUE_ALIGN) * KIB, register),
    at(desc / LEGACY_QUEUE_ALIGN, register),
    ...inPage,
  ];
}

function modernPlaces({ desc, driver: avail, packed }: RingPlace): readonly Omit<Candidate, 'idx'>[] {
  return packed ? [{ desc, avail, why: 'a split ring, and RING_PACKED was accepted' }] : [];
}
