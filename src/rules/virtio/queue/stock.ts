import type { Nanos } from '../../../core/bits.ts';
import { deviceOf } from '../../../core/finding.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';

/** A driver may be busy with something else, or not be called, for so long. */
const PATIENCE: Nanos = 1_000_000_000;
const MILLISECOND = 1_000_000;
const EVENTQ = 'virtio 1.4, Device Operation: eventq';

/** What keeps buffers from a device that a driver makes available. */
const UNSEEN_BUFFERS = ['virtio/PACKED-IMP-15', 'virtio/VQ-IMP-33', 'virtio/VQ-SPLIT-LEG-D3'] as const;

/** What keeps interrupts from a driver, so that it does not look. */
const NO_INTERRUPTS = [
  'apic/ENABLE',
  'ioapic/VECTOR',
  'ioapic/DELIVERY',
  'ioapic/DESTINATION',
  'msix/ADDRESS',
  'msix/DELIVERY',
  'msix/DESTINATION',
  'msix/VECTOR',
  'pic/BASE-SAME',
  'pic/CASCADE',
  'pic/EOI',
  'pirq/ELCR',
  'virtio/PCI-ISR-IMP-1',
  'virtio/VQ-IMP-34',
  'virtio/VQ-IMP-37',
] as const;

/** Rules of queues that a driver keeps stocked, checked at the end of a run. */
export const STOCK = {
  'virtio/VQ-IMP-36': {
    where: 'PCI 3.0, 6.2.2 and 6.8.2',
    text: 'A driver that waits for interrupts SHOULD ask for them and let them reach it: INTx enabled and its IRQ unmasked, or a vector set and unmasked.',
    advice:
      'Move used_event, or off_wrap of the event structure, past what was taken, or clear NO_INTERRUPT, each time before you wait. If the driver waits for INTx, clear bit 10 of Command, and unmask at one controller the IRQ to which PIRQRC leads the pin. With MSI-X, give each queue a vector, read it back, and clear the mask bits of its entry and of the function.',
    on: 'ended',
    when: (k) => k.holds === 'frames' && k.stocked,
    kept: (k) => k.held === null || k.empty <= PATIENCE,
    said: (k) =>
      `the device has used what it had, but for ${Math.floor(k.empty / MILLISECOND)} ms the driver did not look: ${k.held}, so no interrupt came`,
    follows: ['pic/CASCADE-CLOSED', 'live/UNHEARD'],
    apart: (k) => k.held?.includes(', and masked at ') !== true,
  },
  'virtio/NET-RXB-D5': {
    where: 'virtio 1.4, Setting Up Receive Buffers',
    text: 'A driver SHOULD keep every receive queue in use stocked with buffers.',
    advice:
      'Fill each receive queue before DRIVER_OK, with room for the longest frame, and give each buffer back once its frame was taken.',
    on: 'ended',
    // Frames that a driver cannot know of break VQ-IMP-36.
    when: (k) => k.holds === 'frames' && k.held === null,
    kept: (k) => k.stocked && k.empty <= PATIENCE,
    said: (k) =>
      k.stocked
        ? `the device has had a frame and ${lack(k.left)} for ${Math.floor(k.empty / MILLISECOND)} ms`
        : 'it is set up, but no buffer was ever made available in it',
    follows: [...NO_INTERRUPTS, ...UNSEEN_BUFFERS],
    apart: (k) => !k.unseen && !k.isElsewhere,
  },
  'virtio/SCSI-INIT-D2': {
    where: 'virtio 1.4, SCSI Host Device, Device Initialization',
    text: 'A driver SHOULD put at least one buffer into the event queue if it uses events.',
    advice: 'Make buffers of event_info_size bytes available in queue 1 before the first event can come.',
    on: 'ended',
    when: (k) => k.holds === 'events',
    kept: (k) => k.stocked,
    said: () => 'HOTPLUG or CHANGE was accepted, but no event buffer was ever made available',
  },
  'virtio/SCSI-EVT-D1': {
    where: EVENTQ,
    text: 'A driver SHOULD keep the event queue stocked with buffers.',
    advice: 'Give an event buffer back as soon as you have read its event.',
    on: 'ended',
    when: (k) => k.holds === 'events' && k.stocked,
    kept: (k) => k.empty <= PATIENCE,
    said: (k) => `all event buffers are used, but for ${Math.floor(k.empty / MILLISECOND)} ms none came back`,
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
  /** The driver has not seen, or not taken, what was used, and what keeps its interrupts back, in words; null for nothing. */
  unseen = false;
  held: string | null = null;
  private queue: StockedQueue = { subject: '' };
  private readonly journal: Journal;
  private readonly on;

  constructor(holds: 'frames' | 'events', journal: Journal) {
    this.holds = holds;
    this.journal = journal;
    this.on = new Watch(journal, STOCK).on;
  }

  get subject(): string {
    return this.queue.subject;
  }

  /** The driver makes buffers available where the device does not see them. */
  get isElsewhere(): boolean {
    const device = deviceOf(this.subject);
    return UNSEEN_BUFFERS.some((id) =>
      this.journal.of(id).some(({ subject }) => deviceOf(subject) === device),
    );
  }

  get picture(): RingPicture | null {
    return this.queue.picture ?? null;
  }

  /**
   * @param empty how long there has been no buffer, or too few for a frame; 0 while there are enough.
   * @param left how many there are nevertheless.
   * @param unseen the driver has not seen, or not taken, what was used.
   * @param held what keeps its interrupts back meanwhile, in words; null for nothing.
   */
  ended(
    queue: StockedQueue,
    stocked: boolean,
    empty: Nanos,
    { left = 0, unseen = false, held = null }: Partial<Pick<StockWatch, 'left' | 'unseen' | 'held'>> = {},
  ): void {
    this.left = left;
    this.unseen = unseen;
    this.held = held;
    this.queue = queue;
    this.stocked = stocked;
    this.empty = empty;
    this.on.ended.tell(this);
  }
}
