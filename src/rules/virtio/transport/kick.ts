import { bytesText, hex, type Width } from '../../../core/bits.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { QUEUE_NOTIFY } from '../../../virtio/registers.ts';

/** What the rules know of a kick. */
export interface KickKnows extends Knows {
  /** It came by the modern notify structure; else by the legacy register. */
  readonly structure: boolean;
  readonly packed: boolean;
  /** NOTIFICATION_DATA and NOTIF_CONFIG_DATA were accepted. */
  readonly withData: boolean;
  readonly ownValue: boolean;
  readonly queue: number;
  /** `transmit queue 1 (queue 1)` */
  readonly name: string;
  /** Whether there is one. */
  readonly exists: boolean;
  readonly offset: number;
  readonly width: Width;
  /** What the lower half of the word said that was written to the structure, and what it should say. */
  readonly told: number;
  readonly expected: number;
  /** The place in the ring where the driver says that it goes on, and whether it is the right one. */
  readonly position: number;
  readonly right: boolean;
}

/** `register`: the legacy one is written, `structure`: the modern one. `kicked`: a queue is, by either. */
export type KickMoment = 'register' | 'structure' | 'position' | 'kicked';

const KICK = 'virtio 1.4, Available Buffer Notifications';
type Check = Pick<Rule<KickKnows, KickMoment>, 'on' | 'when' | 'kept' | 'said'>;

function value(when: (k: KickKnows) => boolean): Check {
  return {
    on: 'structure',
    when,
    kept: (k) => k.told === k.expected,
    said: otherValue,
  };
}

function otherValue({ name, told, expected }: KickKnows): string {
  return `${name} was kicked with ${hex(told, 4)} instead of ${hex(expected, 4)}`;
}

function position(when: (k: KickKnows) => boolean): Check {
  return {
    on: 'position',
    when,
    kept: (k) => k.right,
    said: (k) =>
      `${k.name} was kicked with the position ${hex(k.position, 4)}, which is not where it goes on`,
  };
}

const written = (k: KickKnows) =>
  `a kick was a write of ${bytesText(k.width)} at ${hex(k.offset, 2)} of the notify structure`;
/** At the start of the queue's own address. */
const whole = (k: KickKnows, width: Width) => k.offset % 4 === 0 && k.width === width;

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
} as const satisfies Rules<KickKnows, KickMoment>;
