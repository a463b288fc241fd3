import type { BitSet } from '../../../core/bit-set.ts';
import type { Nanos, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { notifConfigData } from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { KICKS, type KickKnows, type KickMoment } from './kick.ts';

/** No queue is meant. */
const NONE = -1;

/** Watches how a driver kicks. */
export class KickWatch implements KickKnows {
  structure = false;
  packed = false;
  withData = false;
  ownValue = false;
  queue = 0;
  exists = true;
  offset = 0;
  width: Width = 2;
  told = 0;
  expected = 0;
  position = 0;
  right = true;
  private readonly facts: VirtioFacts;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    const watch = new Watch<KickKnows, KickMoment>(journal, KICKS);
    this.on = {
      register: watch.at('register'),
      structure: watch.at('structure'),
      position: watch.at('position'),
      kicked: watch.at('kicked'),
    };
  }

  get subject(): string {
    return this.facts.subject();
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue) ?? null;
  }

  get name(): string {
    return this.facts.role(this.queue);
  }

  negotiated(accepted: BitSet): void {
    this.packed = accepted.has(FEATURE.RING_PACKED);
    this.withData = accepted.has(FEATURE.NOTIFICATION_DATA);
    this.ownValue = accepted.has(FEATURE.NOTIF_CONFIG_DATA);
  }

  /** The legacy register is accessed. */
  registerAccessed(width: Width): boolean {
    this.queue = NONE;
    this.structure = false;
    this.width = width;
    return this.on.register.tell(this);
  }

  /** @param told the lower half of what was written. */
  notifyWritten(queue: number, offset: number, width: Width, told: number): boolean {
    this.structure = true;
    this.exists = true;
    this.queue = queue;
    this.offset = offset;
    this.width = width;
    this.told = told;
    this.expected = this.ownValue ? notifConfigData(queue) : queue;
    return this.on.structure.tell(this);
  }

  positionTold(queue: number, position: number, right: boolean): void {
    this.queue = queue;
    this.position = position;
    this.right = right;
    this.on.position.tell(this);
  }

  kicked(queue: number): boolean {
    this.queue = this.told = this.expected = queue;
    this.exists = (this.facts.queueSizes[queue] ?? 0) > 0;
    return this.on.kicked.tell(this);
  }

  /** Kicks that were like the last one of this queue. */
  kickedAgain(queue: number, times: number, last: Nanos): void {
    this.queue = this.told = this.expected = queue;
    this.exists = true;
    this.on[this.structure ? 'structure' : 'register'].repeat(this, times, last);
    this.on.kicked.repeat(this, times, last);
  }
}
