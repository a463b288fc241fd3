import type { Mark } from '../../../core/access.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { PVIRTQ_EVENT_WRAP } from '../../../virtio/registers.ts';
import { passes, RingHints } from './ring-hints.ts';

/** No place in a ring. */
const NOWHERE = -1;
/** The first descriptor of a packed ring, as it is first made available. */
const FIRST = PVIRTQ_EVENT_WRAP;

const SUPPRESSION = 'virtio 1.4, Available Buffer Notification Suppression';
const STRUCTURE = 'virtio 1.4, Event Suppression Structure Format';

type Check = Pick<
  Rule<AnnounceWatch, 'kicked' | 'spared' | 'ended'>,
  'on' | 'when' | 'kept' | 'said' | 'since' | 'follows' | 'anywhere'
>;

/** Clauses on kicks that reach another queue, or none. */
const ASTRAY = [
  'virtio/PCI-KICK-IMP-1',
  'virtio/PCI-KICK-D3',
  'virtio/PCI-CAP-D1',
  'virtio/PCI-CAP-D4',
  'virtio/VQ-IMP-30',
] as const;

/** Broken when the device was not notified: it will never look at the buffers in the ring. */
function announces(when: (k: AnnounceWatch) => boolean, ...before: readonly string[]): Check {
  return {
    follows: [...ASTRAY, ...before],
    // With decoys in the ring a driver that never kicks breaks the other of the two.
    ...(before.length > 0 && { anywhere: true }),
    on: 'ended',
    when: (k) => k.inUse && when(k),
    kept: (k) => !k.due,
    said: (k) =>
      `buffers were made available and never announced: ${k.place}; ${k.kicks === 0 ? 'it was never kicked' : 'no kick came after that'}`,
    since: (k) => k.since,
  };
}

function keepsStill(when: (k: AnnounceWatch) => boolean): Check {
  return {
    on: ['kicked', 'spared'],
    when,
    kept: (k) => !k.undue,
    said: (k) => `it was kicked though the device had asked not to be: ${k.place}`,
    since: (k) => k.since,
  };
}

/** Rules of notifying the device of available buffers. */
export const ANNOUNCE = {
  'virtio/VQ-AVSUP-D4': {
    where: SUPPRESSION,
    text: 'A driver without EVENT_IDX MUST kick after adding buffers while used.flags is 0.',
    advice: 'After each move of avail.idx, behind a barrier, read used.flags, and notify unless it is 1.',
    ...announces((k) => !k.packed && !k.eventIdx && !k.decoys),
  },
  'virtio/VQ-AVSUP-D2': {
    where: SUPPRESSION,
    text: 'A driver without EVENT_IDX MUST ignore avail_event.',
    advice: 'Decide by used.flags alone; the bytes after the used ring mean nothing without EVENT_IDX.',
    ...announces((k) => !k.packed && !k.eventIdx && k.decoys, 'virtio/VQ-AVSUP-D4'),
  },
  'virtio/VQ-AVSUP-D6': {
    where: SUPPRESSION,
    text: 'A driver with EVENT_IDX MUST kick when it wrote the entry that avail_event names.',
    advice:
      'After avail.idx went from old to new, notify if (new - avail_event - 1) mod 65536 < (new - old) mod 65536.',
    ...announces((k) => !k.packed && k.eventIdx && !k.decoys),
  },
  'virtio/VQ-AVSUP-D5': {
    where: SUPPRESSION,
    text: 'A driver with EVENT_IDX MUST ignore bit 0 of used.flags.',
    advice: 'Decide by avail_event alone, whatever used.flags says.',
    ...announces((k) => !k.packed && k.eventIdx && k.decoys, 'virtio/VQ-AVSUP-D6'),
  },
  'virtio/PACKED-IMP-13': {
    where: STRUCTURE,
    text: "A driver with a packed ring MUST kick after adding buffers unless the device's event structure suppresses it.",
    advice:
      'Read the flags behind a barrier: notify at 0; do not at 1; at 2, with EVENT_IDX, notify when the named descriptor was among those added.',
    ...announces((k) => k.packed),
  },
  'virtio/VQ-AVSUP-D3': {
    where: SUPPRESSION,
    text: 'A driver without EVENT_IDX SHOULD NOT kick while used.flags is 1.',
    advice: 'Read used.flags after moving avail.idx, and do not kick if it is 1.',
    ...keepsStill((k) => !k.packed && !k.eventIdx),
  },
  'virtio/VQ-AVSUP-D7': {
    where: SUPPRESSION,
    text: 'A driver with EVENT_IDX SHOULD NOT kick unless it passed the index in avail_event.',
    advice: 'Do not kick unless avail.idx passed the index that avail_event names.',
    ...keepsStill((k) => !k.packed && k.eventIdx),
  },
  'virtio/PACKED-IMP-14': {
    where: STRUCTURE,
    text: "Do not kick a packed ring while the flags of the device's event structure are 1.",
    advice: 'Read the flags after making the descriptor available, and do not kick if they are 1.',
    ...keepsStill((k) => k.packed),
  },
} as const satisfies Rules<AnnounceWatch>;

/** The queue in question. */
interface Announced {
  readonly subject: string;
  /** The device took a chain of the present ring. */
  readonly anyTaken: boolean;
  pictureOf(chain: number | null, about: string | null): RingPicture | null;
}

/**
 * Watches whether a driver notifies the device of what it makes available in one queue. A device that finds nothing
 * asks for a kick at the next buffer. In a queue from which it takes only what it needs, the first kick is enough until
 * then.
 *
 * @example
 * const announce = new AnnounceWatch(queue, journal, memory);
 * announce.placed(place);
 * announce.kicked();            // before the device looks
 * announce.dry(4);              // the device found nothing behind avail.idx 4
 * announce.ended();             // the run is over, and the device still in use
 */
export class AnnounceWatch {
  eventIdx = false;
  /** In the fields that a driver must ignore, the device says that no kick is needed. */
  decoys = false;
  /** The device asked for a kick at what is available now, and got none. */
  due = false;
  /** This kick announces new buffers, and the device had asked for no kick. */
  undue = false;
  /** Kicks so far. */
  kicks = 0;
  /** The last kick. */
  since: Mark = 0;
  private ring: RingHints | null = null;
  /** The device asked for a kick, at position `at`, and got none since. */
  private asked = false;
  private at = NOWHERE;
  /** When it first found nothing at `at`. */
  private dryAt: Nanos = 0;
  /** avail.idx at the last kick, and now. */
  private announced = 0;
  private idx = 0;
  private readonly queue: Announced;
  private readonly journal: Journal;
  private readonly memory: GuestMemory | null;
  /**
   * `kicked`: the queue was kicked. `spared`: the device found by itself what it had asked no kick for. `ended`: the run
   * is over.
   */
  private readonly on;

  constructor(queue: Announced, journal: Journal, memory: GuestMemory | null) {
    this.queue = queue;
    this.journal = journal;
    this.memory = memory;
    this.on = new Watch(journal, ANNOUNCE).on;
  }

  get subject(): string {
    return this.queue.subject;
  }

  get picture(): RingPicture | null {
    return this.queue.pictureOf(null, this.packed ? null : 'avail.idx');
  }

  get packed(): boolean {
    return this.ring?.place.packed === true;
  }

  /** Something was made available since the ring was handed over. */
  get inUse(): boolean {
    return this.kicks > 0 || this.isStocked;
  }

  /** The driver ever made something available. */
  get isStocked(): boolean {
    return this.queue.anyTaken || this.isPast(0, FIRST);
  }

  /** How long the device has wanted a chain while there was none. */
  get starved(): Nanos {
    const { at, asked } = this;
    return asked && !this.isPast(at, at) ? this.journal.now - this.dryAt : 0;
  }

  /** The driver's position in the ring, and the device's when it asked for a kick: as text. */
  get place(): string {
    const { packed, asked, at, idx, announced } = this;
    if (!packed)
      return `avail.idx is ${idx}, and ${asked ? `the device found nothing at ${at}` : `was ${announced} at the last kick`}`;
    return asked ? `the device found nothing at descriptor ${at & ~PVIRTQ_EVENT_WRAP}` : 'the ring is packed';
  }

  placed(place: RingPlace): void {
    this.forget();
    this.ring = this.memory === null ? null : new RingHints(this.memory, place);
  }

  /** The ring is gone, or has a fault. */
  forget(): void {
    this.ring = null;
    this.kicks = this.announced = 0;
    this.at = NOWHERE;
    this.asked = false;
  }

  /** Whether the driver made exactly `chains` chains available; false in a packed ring until the device wanted more. */
  isEmptyAfter(chains: number): boolean {
    const { ring } = this;
    if (ring === null) return false;
    return ring.place.packed ? this.starved > 0 : ring.idx === (chains & 0xffff);
  }

  /** The queue is kicked, and the device has not looked yet. */
  kicked(): void {
    const { ring } = this;
    if (ring === null) return;
    this.idx = ring.place.packed ? 0 : ring.idx;
    this.undue = this.isUndue(ring);
    if (this.undue) this.on.kicked.tell(this);
    this.undue = false;
    this.announced = this.idx;
    this.asked = false;
    this.kicks++;
    this.since = this.journal.mark;
  }

  /** The device found nothing at its position `at`, and has not asked for a kick yet. */
  dry(at: number): void {
    if (!this.asked && this.kicks > 0 && (this.packed || at !== this.announced)) this.spared(at);
    this.asked = true;
    if (at === this.at) return;
    this.at = at;
    this.dryAt = this.journal.now;
  }

  /** The run is over. Only called if the device still serves the queue. */
  ended(): void {
    const { ring } = this;
    if (ring === null) return;
    if (!ring.place.packed) this.idx = ring.idx;
    this.due = this.isDue(ring);
    this.on.ended.tell(this);
  }

  /** The device found buffers without a kick: the driver was right if it had asked for none. */
  private spared(at: number): void {
    const { ring, eventIdx, announced, packed } = this;
    const byEvent = eventIdx && !packed;
    this.idx = at;
    if (byEvent ? !passes(ring!.availEvent, announced, at) : ring!.isHushed) this.on.spared.tell(this);
  }

  /** A kick with nothing new is harmless, and not judged. So is one that the device asked for until a moment ago. */
  private isUndue(ring: RingHints): boolean {
    if (this.asked || this.kicks === 0) return false;
    if (ring.place.packed) return ring.isHushed;
    if (this.idx === this.announced) return false;
    return this.eventIdx ? !passes(ring.availEvent, this.announced, this.idx) : ring.isHushed;
  }

  private isDue(ring: RingHints): boolean {
    const { asked, at, kicks, eventIdx, idx, announced } = this;
    const { packed, size } = ring.place;
    if ((packed || !eventIdx) && ring.isHushed) return false;
    if (asked) return this.isPast(at, at);
    if (kicks === 0) return this.inUse && (packed || !eventIdx || passes(ring.availEvent, 0, idx));
    if (packed) return false;
    return eventIdx ? passes(ring.availEvent, announced, idx) : ((idx - announced) & 0xffff) >= size;
  }

  /** Whether the driver has made more available than what precedes an index, or a descriptor of a packed ring. */
  private isPast(index: number, descriptor: number): boolean {
    const { ring } = this;
    if (ring === null) return false;
    return ring.place.packed ? ring.isPast(descriptor) : ring.idx !== index;
  }
}
