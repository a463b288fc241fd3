import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';

/** A driver may be busy with something else, or not be called, for so long. */
const PATIENCE: Nanos = 1_000_000_000;
const MILLISECOND = 1_000_000;
const EVENTQ = 'virtio 1.4, Device Operation: eventq';

/** Rules of queues that a driver keeps stocked, checked at the end of a run. */
export const STOCK = {
  'virtio/NET-RXB-D5': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Setting Up Receive Buffers',
    text: 'Every receive queue in use is stocked with buffers',
    advice:
      'Fill each receive queue before DRIVER_OK, with room for the longest frame, and give each buffer back once its frame was taken.',
    on: 'ended',
    when: (k) => k.holds === 'frames',
    kept: (k) => k.stocked && k.empty <= PATIENCE,
    said: (k) =>
      k.stocked
        ? `the device has had a frame and ${lack(k.left)} for ${Math.floor(k.empty / MILLISECOND)} ms`
        : 'it is set up, and no buffer was ever made available in it',
  },
  'virtio/SCSI-INIT-D2': {
    strength: 'SHOULD',
    where: 'virtio 1.4, SCSI Host Device, Device Initialization',
    text: 'If the event queue is used, stock at least one buffer',
    advice: 'Make buffers of event_info_size bytes available in queue 1 before the first event can come.',
    on: 'ended',
    when: (k) => k.holds === 'events',
    kept: (k) => k.stocked,
    said: () => 'HOTPLUG or CHANGE was accepted, and no event buffer was ever made available',
  },
  'virtio/SCSI-EVT-D1': {
    strength: 'SHOULD',
    where: EVENTQ,
    text: 'Keep the event queue stocked',
    advice: 'Give an event buffer back as soon as its event was read.',
    on: 'ended',
    when: (k) => k.holds === 'events' && k.stocked,
    kept: (k) => k.empty <= PATIENCE,
    said: (k) => `all event buffers are used, and for ${Math.floor(k.empty / MILLISECOND)} ms none came back`,
  },
} as const satisfies Rules<StockWatch>;

function lack(left: number): string {
  if (left === 0) return 'no buffer';
  return left === 1 ? 'one buffer, too short for it,' : `${left} buffers, together too short for it,`;
}

/** A queue as it is at the end of a run. */
interface StockedQueue {
  readonly subject: string;
  readonly picture?: RingPicture | null;
}

/**
 * Judges, at the end of a run, whether a queue was kept stocked.
 *
 * @example
 * new StockWatch('frames', journal).ended(queue, true, 0);
 */
export class StockWatch {
  readonly holds: 'frames' | 'events';
  /** The driver ever made a buffer available. */
  stocked = false;
  /** How long the device has had none. */
  empty: Nanos = 0;
  /** Buffers that it has put back into the ring: a frame needs more of them. */
  left = 0;
  private queue: StockedQueue = { subject: '' };
  private readonly on;

  constructor(holds: 'frames' | 'events', journal: Journal) {
    this.holds = holds;
    this.on = new Watch(journal, STOCK).on;
  }

  get subject(): string {
    return this.queue.subject;
  }

  get picture(): RingPicture | null {
    return this.queue.picture ?? null;
  }

  /**
   * @param empty how long there has been no buffer, or too few for a frame; 0 while there are enough.
   * @param left how many there are nevertheless.
   */
  ended(queue: StockedQueue, stocked: boolean, empty: Nanos, left = 0): void {
    this.left = left;
    this.queue = queue;
    this.stocked = stocked;
    this.empty = empty;
    this.on.ended.tell(this);
  }
}
