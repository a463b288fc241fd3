import type { BitSet } from '../../../core/bit-set.ts';
import { bytesText, hex, type Nanos, type Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { FEATURE, QUEUE_NOTIFY } from '../../../virtio/registers.ts';
import { notifConfigData } from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';

/** No queue is meant. */
const NONE = -1;

const KICK = 'virtio 1.4, Available Buffer Notifications';

type Check = Pick<Rule<KickWatch, 'structure' | 'position'>, 'on' | 'when' | 'kept' | 'said'>;

function value(when: (k: KickWatch) => boolean): Check {
  return {
    on: 'structure',
    when,
    kept: (k) => k.told === k.expected,
    said: otherValue,
  };
}

function otherValue({ name, told, expected }: KickWatch): string {
  return `${name} was kicked with ${hex(told, 4)} instead of ${hex(expected, 4)}`;
}

function position(when: (k: KickWatch) => boolean): Check {
  return {
    on: 'position',
    when,
    kept: (k) => k.right,
    said: (k) =>
      `${k.name} was kicked with the position ${hex(k.position, 4)}, which is not where it goes on`,
  };
}

const written = (k: KickWatch) =>
  `a kick was a write of ${bytesText(k.width)} at ${hex(k.offset, 2)} of the notify structure`;
/** The write was at the queue's own address, with `width`. */
const whole = (k: KickWatch, width: Width) => k.offset % 4 === 0 && k.width === width;

/** Rules of kicks. */
export const KICKS = {
  'virtio/PCI-KICK-D1': {
    strength: 'MUST',
    where: KICK,
    text: 'Without NOTIFICATION_DATA: 16-bit notify write',
    advice: 'Write 16 bits to the notify register.',
    on: ['register', 'structure'],
    when: (k) => !k.structure || !k.withData,
    kept: (k) => (k.structure ? whole(k, 2) : k.width === QUEUE_NOTIFY.width),
    said: (k) =>
      k.structure ? written(k) : `${QUEUE_NOTIFY.name} (2 bytes) was accessed with ${bytesText(k.width)}`,
  },
  'virtio/PCI-KICK-D2': {
    strength: 'MUST',
    where: KICK,
    text: 'With NOTIFICATION_DATA: 32-bit notify write',
    advice: "Write 32 bits: the position in the upper half, the queue's number in the lower.",
    on: 'structure',
    when: (k) => k.withData,
    kept: (k) => whole(k, 4),
    said: written,
  },
  'virtio/PCI-KICK-D3': {
    strength: 'MUST',
    where: KICK,
    text: 'Neither feature: value is the virtqueue index',
    advice: 'Write the index of the queue that has new buffers.',
    on: ['structure', 'kicked'],
    when: (k) => !k.exists || !(k.withData || k.ownValue),
    kept: (k) => k.exists && k.told === k.expected,
    said: (k) => (k.exists ? otherValue(k) : `${k.name} was kicked, and the device has no such queue`),
  },
  'virtio/PCI-KICK-D4': {
    strength: 'MUST',
    where: KICK,
    text: 'NOTIFICATION_DATA only: low half is the virtqueue index',
    advice: 'Put the index of the queue into the lower 16 bits, and the position into the upper.',
    ...value((k) => k.withData && !k.ownValue),
  },
  'virtio/PCI-KICK-D5': {
    strength: 'MUST',
    where: KICK,
    text: 'NOTIF_CONFIG_DATA only: value is queue_notif_config_data',
    advice: 'Read queue_notif_config_data when the queue is set up, and write that.',
    ...value((k) => !k.withData && k.ownValue),
  },
  'virtio/PCI-KICK-D6': {
    strength: 'MUST',
    where: KICK,
    text: 'Both features: low half is queue_notif_config_data',
    advice:
      'Put queue_notif_config_data of the queue into the lower 16 bits, and the position into the upper.',
    ...value((k) => k.withData && k.ownValue),
  },
  'virtio/VQ-IMP-10': {
    strength: 'MUST',
    where: KICK,
    text: 'Split ring, NOTIFICATION_DATA: the upper half of a kick is avail.idx',
    advice: 'Write avail.idx << 16 | queue index, after the index was published.',
    ...position((k) => !k.packed),
  },
  'virtio/PACKED-DESC-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A kick carries next_off/next_wrap of the next descriptor not yet available',
    advice: 'After publishing, write the slot that is filled next, with bit 15 the wrap counter it will get.',
    ...position((k) => k.packed),
  },
} as const satisfies Rules<KickWatch>;

/** Watches how a driver kicks. */
export class KickWatch {
  /** The kick came by the modern notify structure; else by the legacy register. */
  structure = false;
  packed = false;
  /** NOTIFICATION_DATA and NOTIF_CONFIG_DATA were accepted. */
  withData = false;
  ownValue = false;
  queue = 0;
  /** Whether the queue exists. */
  exists = true;
  offset = 0;
  width: Width = 2;
  /** The lower half of the word written to the structure, and what it should be. */
  told = 0;
  expected = 0;
  /** The driver's next position in the ring, according to the kick, and whether it is right. */
  position = 0;
  right = true;
  private readonly facts: VirtioFacts;
  /** `register`: the legacy one is written, `structure`: the modern one. `kicked`: a queue is, by either. */
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, KICKS).on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue) ?? null;
  }

  /** `transmit queue 1 (queue 1)` */
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

  /** Kicks equal to the last one of this queue. */
  kickedAgain(queue: number, times: number, last: Nanos): void {
    this.queue = this.told = this.expected = queue;
    this.exists = true;
    this.on[this.structure ? 'structure' : 'register'].repeat(this, times, last);
    this.on.kicked.repeat(this, times, last);
  }
}
