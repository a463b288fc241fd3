import { type Gpa, hex } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  PVIRTQ_DESC_F,
  PVIRTQ_EVENT_WRAP,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
} from '../../../virtio/registers.ts';
import { Lap, PackedSlots } from '../stores/packed-slots.ts';
import { RingRam } from '../stores/ring-ram.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const KNOWN = NEXT | WRITE | INDIRECT;
const PACKED = PVIRTQ_DESC_F.AVAIL | PVIRTQ_DESC_F.USED;
/** What drivers divide an address by, in place of 4096: a KiB, nothing, a sector, half a page. */
const WRONG_UNITS = [1024, 1, 512, 2048];
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
 * is found if it is split, lies at one of a few places, and new buffers of RAM were made available there since; or if it
 * is packed, and goes on behind the descriptor for which the device waits.
 *
 * @example
 * astray.placed(place, true);
 * astray.search(false, 0);      // 'buffers are made available at 0001a400: a legacy ring begins at a page'
 */
export class AstrayRing {
  private readonly ram: RingRam | null;
  private readonly known: Set<RingPlace>;
  private place: RingPlace | null = null;
  private former: RingPlace | null = null;
  private isLegacy = false;
  /** avail.idx in each misplaced ring, and in the former one. Mostly no search follows: no objects are made. */
  private indices = new Uint16Array();
  private formerIdx = 0;
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
    this.isLegacy = legacy;
    const descs = misplaced(place, legacy);
    if (this.indices.length !== descs.length) this.indices = new Uint16Array(descs.length);
    for (let i = 0; i < descs.length; i++) this.indices[i] = this.idxAt(availOf(place, descs[i]!, legacy));
    if (this.former !== null) this.formerIdx = this.idxAt(this.former.driver);
  }

  forgotten(): void {
    if (this.place === null) return;
    this.known.delete(this.place);
    this.former = this.place;
    this.place = null;
  }

  /**
   * The driver kicked, and the device found nothing new.
   *
   * @param anyTaken the device took chains of the ring that it was told of, whose entries may look like another ring's.
   * @param at the device's position, as `QueueEvents.dry` has it.
   * @returns where its ring is, as text; null if it is not found.
   */
  search(anyTaken: boolean, at: number): string | null {
    const { ram, place } = this;
    if (ram === null || place === null || this.left === 0) return null;
    this.left--;
    const behind = place.packed ? firstBehind(ram, place, at) : null;
    if (behind !== null)
      return `descriptor ${behind} is available, and the device waits for ${at & ~PVIRTQ_EVENT_WRAP}: a packed ring has no gaps`;
    const candidates = [...(anyTaken ? [] : this.misplaced(place)), ...this.earlier()];
    const found = candidates.find((one) => this.hasNew(ram, place.size, one));
    return found === undefined ? null : `buffers are made available at ${hex(found.desc, 8)}: ${found.why}`;
  }

  /** Where the ring is if its place was told wrongly. */
  private misplaced(place: RingPlace): readonly Candidate[] {
    const { isLegacy, indices } = this;
    return misplaced(place, isLegacy).map((desc, i) => ({
      desc,
      avail: availOf(place, desc, isLegacy),
      why: isLegacy ? legacyReason(place, i) : 'a split ring, and RING_PACKED was accepted',
      idx: indices[i]!,
    }));
  }

  /** Where an earlier driver has it. */
  private earlier(): readonly Candidate[] {
    const { former, formerIdx: idx } = this;
    if (former === null || former.packed || former.endian === 'be') return [];
    const { desc, driver: avail } = former;
    const why = 'there the ring was before the device was reset, and another driver has it now';
    return [{ desc, avail, why, idx }];
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

/** The first descriptor behind the one at which the device waits that is available, each by its own lap; null for none. */
function firstBehind(ram: RingRam, { desc, size }: RingPlace, at: number): number | null {
  const slots = new PackedSlots(ram, desc);
  const lap = new Lap();
  lap.slot = at & ~PVIRTQ_EVENT_WRAP;
  lap.wrap = (at & PVIRTQ_EVENT_WRAP) !== 0;
  for (let i = 1; i < size; i++) {
    lap.next(size);
    if (slots.isAvailable(lap) && slots.length(lap.slot) > 0) return lap.slot;
  }
  return null;
}

/** Descriptors of the rings that the driver may mean. */
function misplaced({ desc, packed }: RingPlace, isLegacy: boolean): readonly Gpa[] {
  if (!isLegacy) return packed ? [desc] : [];
  const page = desc / LEGACY_QUEUE_ALIGN;
  const inPage = LEGACY_QUEUE_ALIGN / virtq_desc.size - 1;
  return [
    ...WRONG_UNITS.map((unit) => page * unit),
    ...Array.from({ length: inPage }, (_, i) => desc + (i + 1) * virtq_desc.size),
  ];
}

function availOf({ driver, size }: RingPlace, desc: Gpa, isLegacy: boolean): Gpa {
  return isLegacy ? desc + legacyQueueLayout(size).avail : driver;
}

function legacyReason({ desc }: RingPlace, i: number): string {
  const written = hex(desc / LEGACY_QUEUE_ALIGN, 8);
  return i < WRONG_UNITS.length
    ? `Queue Address was written with ${written}, and takes address / 4096`
    : 'a legacy ring begins at a page';
}
