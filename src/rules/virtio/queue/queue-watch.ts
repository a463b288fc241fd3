import type { BitSet } from '../../../core/bit-set.ts';
import type { Gpa, Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Chain, QueueEvents, RingFault, RingPlace } from '../../../virtio/queue/events.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { AnnounceWatch } from './announce.ts';
import { AstrayRing } from './astray.ts';
import { availabilityOf } from './availability.ts';
import type { RingKnows, TakenChain } from './knows.ts';
import { otherLayout } from './other-layout.ts';
import { ringPicture } from './picture/ring-pictures.ts';
import { fieldOf, isInRing } from './picture/ring-view.ts';
import { RingHints } from './ring-hints.ts';
import { ringTextOf } from './ring-text.ts';
import { RingRules } from './rings.ts';

/** The shape of a chain, in bits: all that rules need of one without a fault. */
const MANY = 1;
const WRITES = 2;
const TABLE = 4;
const OTHERS = 8;
const SHAPES = 16;
/** Looks of the device in vain at which memory is searched for the layout of another ring. */
const EMPTY_LOOKS = 16;
/** Values of the driver's flags below this are counted; others are reported each time. */
const FLAGS = 4;

/**
 * Watches a driver at one queue. It is called for every chain. Those without a fault it counts by their shape, and
 * reports to the rules when the journal is read.
 *
 * @example
 * ring.events = new QueueWatch(() => 'net0, transmit queue 1', journal, memory);
 */
export class QueueWatch implements QueueEvents, RingKnows {
  broke: RingFault | null = null;
  slot = 0;
  value = 0;
  stale = 0;
  other = 0;
  many = false;
  writes = false;
  table = false;
  others = false;
  flags = 0;
  eventIdx = false;
  tables = false;
  inOrder = false;
  accessPlatform = false;
  /** Watches whether the device is notified of what is made available. */
  readonly announce: AnnounceWatch;
  legacy = false;
  place: RingPlace | null = null;
  laidOut: number | null = null;
  astray: string | null = null;
  private readonly search: AstrayRing;
  /** Kicks, and chains taken, when the device found nothing last. */
  private kicksThen = 0;
  private takenThen = 0;
  /** Chains taken since the ring was handed over, less those put back, and those used. */
  private takenChains = 0;
  /** Chains that the device put back when it found no more. */
  left = 0;
  private usedChains = 0;
  /** Looks of the device in vain before it found anything. */
  private emptyLooks = 0;
  /** When chains were published last. */
  private last = 0;
  private readonly shapes = new Float64Array(SHAPES);
  private readonly dries = new Float64Array(FLAGS);
  private readonly name: () => string;
  private readonly journal: Journal;
  private readonly memory: GuestMemory | null;
  private readonly lastTaken: TakenChain;
  private readonly split: RingRules;
  private packed: RingRules | null = null;
  private format: RingRules;

  /**
   * @param memory where the ring lies; without it, a finding does not show it.
   * @param lastTaken is updated with each chain that is taken.
   */
  constructor(
    name: () => string,
    journal: Journal,
    memory: GuestMemory | null = null,
    lastTaken: TakenChain = { indirect: false },
  ) {
    this.lastTaken = lastTaken;
    this.name = name;
    this.journal = journal;
    this.memory = memory;
    this.announce = new AnnounceWatch(this, journal, memory);
    this.search = new AstrayRing(journal, memory);
    this.split = new RingRules(journal, false);
    this.format = this.split;
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.name();
  }

  /** How long all that the driver made available has been used; 0 if it is not known to be. */
  get usedUp(): Nanos {
    const { announce, takenChains, usedChains, journal } = this;
    if (!announce.isEmptyAfter(takenChains) || takenChains !== usedChains) return 0;
    return journal.now - this.last;
  }

  /** How long ago it used something. */
  get sinceUsed(): Nanos {
    return this.journal.now - this.last;
  }

  /** A ring with EVENT_IDX; null for another. */
  get events(): RingHints | null {
    return this.eventIdx ? this.hints : null;
  }

  get hints(): RingHints | null {
    return this.memory && this.place ? new RingHints(this.memory, this.place) : null;
  }

  get anyTaken(): boolean {
    return this.takenChains > 0;
  }

  isRam(address: Gpa, length: number): boolean {
    return (this.memory?.find(address, length) ?? null) !== null;
  }

  get ringText(): readonly string[] {
    return ringTextOf(this, this.memory, this.takenChains);
  }

  get picture(): RingPicture | null {
    const { broke, slot, place } = this;
    if (broke === null) return this.pictureOf(null, place?.packed ? 'driver.flags' : 'avail.flags');
    return this.pictureOf(null, fieldOf(broke, slot), place?.packed && isInRing(broke) ? slot : null);
  }

  /** What is available now; null where there is no ring, or RAM is not known. */
  get availability(): string | null {
    const { memory, place } = this;
    return memory === null || place === null ? null : availabilityOf(memory, place);
  }

  /** The ring around chain `chain`, or around the device's position; null where there is none, or RAM is not known. */
  pictureOf(
    chain: number | null,
    about: string | null = null,
    slot: number | null = null,
  ): RingPicture | null {
    const { memory, place, takenChains: taken } = this;
    if (memory === null || place === null) return null;
    return ringPicture(memory, { place, taken, chain, slot, about });
  }

  /** Chains that are available and were not taken. For a packed ring that is not known, and the number is its size. */
  get waiting(): number {
    const { hints, place } = this;
    if (hints === null || place === null || place.packed) return place?.size ?? 0;
    return (hints.idx - this.takenChains) & 0xffff;
  }

  negotiated(accepted: BitSet, legacy = false): void {
    this.settle();
    this.legacy = legacy;
    this.eventIdx = this.announce.eventIdx = accepted.has(FEATURE.EVENT_IDX);
    this.tables = accepted.has(FEATURE.INDIRECT_DESC);
    this.inOrder = accepted.has(FEATURE.IN_ORDER);
    this.accessPlatform = accepted.has(FEATURE.ACCESS_PLATFORM);
  }

  placed(_queue: number, place: RingPlace): void {
    this.settle();
    this.place = place;
    this.emptyLooks = 0;
    this.announce.placed(place);
    this.search.placed(place, this.legacy);
    this.kicksThen = this.takenThen = 0;
    this.packed ??= place.packed ? new RingRules(this.journal, true) : null;
    this.format = place.packed ? this.packed! : this.split;
    this.format.placed.tell(this);
  }

  taken(_queue: number, chain: Chain, indirect: boolean): void {
    let shape = this.takenChains === this.usedChains ? 0 : OTHERS;
    if (chain.count > 1) shape |= MANY;
    if (chain.writableBytes > 0) shape |= WRITES;
    if (indirect) shape |= TABLE;
    if (this.takenChains === 0 && this.place?.packed === false) this.handedOver();
    this.lastTaken.indirect = indirect;
    this.shapes[shape]!++;
    this.takenChains++;
  }

  /** The device takes the first chain, and has not written to the used ring. */
  private handedOver(): void {
    this.stale = this.hints?.usedIdx ?? 0;
    this.format.stale.tell(this);
    this.stale = 0;
  }

  putBack(_queue: number, count: number): void {
    this.takenChains -= count;
    this.left = count;
  }

  used(): void {
    this.usedChains++;
  }

  published(): void {
    this.last = this.journal.now;
  }

  /** The device found no chain. The rules see each value of the flags at once when it is new; then it is counted. */
  dry(_queue: number, flags: number, at: number): void {
    this.left = 0;
    this.announce.dry(at);
    if (this.legacy && at === 0 && this.usedChains === 0 && this.emptyLooks < EMPTY_LOOKS)
      this.lookElsewhere();
    if (this.announce.kicks !== this.kicksThen) this.kickedFor(this.announce.kicks, at);
    if (flags < FLAGS && this.dries[flags]!++ > 0) return;
    this.flags = flags;
    this.format.dry.tell(this);
  }

  /** The device looked after a kick. If nothing was there, the driver has its ring elsewhere, or it kicks for nothing. */
  private kickedFor(kicks: number, at: number): void {
    this.kicksThen = kicks;
    const taken = this.takenThen;
    this.takenThen = this.takenChains;
    if (taken !== this.takenChains) return;
    this.astray = this.search.search(this.anyTaken, at);
    if (this.astray !== null) this.format.astray.tell(this);
    this.astray = null;
  }

  /** The device found nothing that makes sense, and nothing was ever used: looks for the layout of another ring. */
  private lookElsewhere(): void {
    const { memory, place } = this;
    this.emptyLooks++;
    if (memory === null || place === null) return;
    this.laidOut = otherLayout(memory, place);
    if (this.laidOut !== null) this.split.elsewhere.tell(this);
    this.laidOut = null;
  }

  fault(_queue: number, fault: RingFault, slot: number, value: number, other: number): void {
    this.settle();
    this.announce.forget();
    if (this.legacy && this.usedChains === 0) this.lookElsewhere();
    this.broke = fault;
    this.slot = slot;
    this.value = value;
    this.other = other;
    this.shape(SHAPES - 1);
    this.format.at(fault).tell(this);
    this.broke = null;
  }

  forgotten(): void {
    this.settle();
    this.announce.forget();
    this.search.forgotten();
    this.place = null;
    this.takenChains = this.usedChains = 0;
    this.split.watch.forget();
    this.packed?.watch.forget();
  }

  /** Reports what was counted to the rules. */
  private settle(): void {
    const { shapes, dries, format } = this;
    for (let shape = 0; shape < SHAPES; shape++) {
      if (shapes[shape] === 0) continue;
      this.shape(shape);
      format.chain.repeat(this, shapes[shape]!, this.last);
      shapes[shape] = 0;
    }
    for (let flags = 0; flags < FLAGS; flags++) {
      if (dries[flags] === 0) continue;
      this.flags = flags;
      format.dry.repeat(this, dries[flags]! - 1, this.last);
      dries[flags] = 0;
    }
  }

  private shape(shape: number): void {
    this.many = (shape & MANY) !== 0;
    this.writes = (shape & WRITES) !== 0;
    this.table = (shape & TABLE) !== 0;
    this.others = (shape & OTHERS) !== 0;
  }
}
