import type { BitSet } from '../../../core/bit-set.ts';
import { bytesText, hex, type Nanos, type Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Register } from '../../../core/register.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface, VirtioEvents } from '../../../virtio/events.ts';
import { FEATURE, QUEUE_ADDRESS, QUEUE_NOTIFY } from '../../../virtio/registers.ts';
import {
  NOTIFICATION,
  notifConfigData,
  QUEUE_REGISTERS,
} from '../../../virtio/transport/modern/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import type { InitWatch } from '../init/init-watch.ts';
import { isReset, isStatus } from '../init/status.ts';
import type { SuspendWatch } from '../init/suspend.ts';
import type { InterfaceWatch } from './interfaces.ts';
import type { QueueSetupWatch } from './queue-setup-watch.ts';
import { SteadyKicks } from './steady-kicks.ts';

/** No queue is meant. */
const NONE = -1;

const KICK = 'virtio 1.4, Available Buffer Notifications';

type Check = Pick<Rule<KickWatch, 'structure' | 'position'>, 'on' | 'when' | 'kept' | 'said'>;

function value(when: (k: KickWatch) => boolean): Check {
  return {
    on: 'structure',
    when: (k) => isAtQueue(k) && when(k),
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
const isAtQueue = (k: KickWatch) => !k.structure || k.queue !== NONE;

/** Rules of kicks. */
export const KICKS = {
  'virtio/PCI-KICK-IMP-1': {
    where: 'virtio 1.4, Notification structure layout',
    text: 'A driver of the modern interface MUST kick a queue at its own address: queue_notify_off times notify_off_multiplier.',
    advice:
      'Read queue_notify_off of each queue when you set it up, and notify_off_multiplier after the capability: they need be neither the index nor 4.',
    on: 'structure',
    kept: isAtQueue,
    said: (k) => `${written(k)}, and no queue has that address`,
  },
  'virtio/PCI-KICK-D1': {
    where: KICK,
    text: 'A driver without NOTIFICATION_DATA MUST kick with a 16-bit write.',
    advice: 'Write 16 bits to the notify register.',
    on: ['register', 'structure'],
    when: (k) => !k.structure || (isAtQueue(k) && !k.withData),
    kept: (k) => k.width === QUEUE_NOTIFY.width,
    said: (k) =>
      k.structure ? written(k) : `${QUEUE_NOTIFY.name} (2 bytes) was accessed with ${bytesText(k.width)}`,
  },
  'virtio/PCI-KICK-D2': {
    where: KICK,
    text: 'A driver with NOTIFICATION_DATA MUST kick with a 32-bit write.',
    advice: "Write 32 bits: the position in the upper half, the queue's number in the lower.",
    on: 'structure',
    when: (k) => isAtQueue(k) && k.withData,
    kept: (k) => k.width === 4,
    said: written,
  },
  'virtio/PCI-KICK-D3': {
    where: KICK,
    text: 'A driver with neither NOTIFICATION_DATA nor NOTIF_CONFIG_DATA MUST kick with the virtqueue index.',
    advice: 'Write the index of the queue that has new buffers.',
    on: ['structure', 'kicked'],
    when: (k) => !k.exists || (isAtQueue(k) && !(k.withData || k.ownValue)),
    kept: (k) => k.exists && k.told === k.expected,
    said: (k) => (k.exists ? otherValue(k) : `${k.name} was kicked, but the device has no such queue`),
  },
  'virtio/PCI-KICK-D4': {
    where: KICK,
    text: 'A driver with NOTIFICATION_DATA alone MUST put the virtqueue index into the low half of a kick.',
    advice: 'Put the index of the queue into the lower 16 bits, and the position into the upper.',
    ...value((k) => k.withData && !k.ownValue),
  },
  'virtio/PCI-KICK-D5': {
    where: KICK,
    text: 'A driver with NOTIF_CONFIG_DATA alone MUST kick with queue_notif_config_data.',
    advice: 'Read queue_notif_config_data when you set up the queue, and write that.',
    ...value((k) => !k.withData && k.ownValue),
  },
  'virtio/PCI-KICK-D6': {
    where: KICK,
    text: 'A driver with NOTIFICATION_DATA and NOTIF_CONFIG_DATA MUST put queue_notif_config_data into the low half of a kick.',
    advice:
      'Put queue_notif_config_data of the queue into the lower 16 bits, and the position into the upper.',
    ...value((k) => k.withData && k.ownValue),
  },
  'virtio/VQ-IMP-10': {
    where: KICK,
    text: 'A driver with NOTIFICATION_DATA and a split ring MUST put avail.idx into the upper half of a kick.',
    advice: 'Write avail.idx << 16 | queue index, after publishing the index.',
    follows: ['virtio/PCI-KICK-D4', 'virtio/PCI-KICK-D6'],
    ...position((k) => !k.packed),
  },
  'virtio/PACKED-DESC-D3': {
    where: 'virtio 1.4, The Virtqueue Descriptor Table (packed)',
    text: 'A driver with NOTIFICATION_DATA and a packed ring MUST put next_off and next_wrap of the next free descriptor into a kick.',
    advice: 'After publishing, write the slot that you fill next, with its wrap counter as bit 15.',
    follows: ['virtio/PCI-KICK-D4', 'virtio/PCI-KICK-D6'],
    ...position((k) => k.packed),
  },
} as const satisfies Rules<KickWatch>;

/** The other watches with rules on kicks. */
interface Others {
  readonly init: InitWatch;
  readonly interfaces: InterfaceWatch;
  readonly setup: QueueSetupWatch;
  readonly suspend: SuspendWatch;
}

/** Watches how a driver kicks, and asks the other watches of each kick. Kicks equal to the one before are counted. */
export class KickWatch implements Partial<VirtioEvents> {
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
  private readonly others: Others;
  private readonly steady: SteadyKicks;
  /** The kick in progress has kept the rules so far. */
  private wellBegun = true;
  /** `register`: the legacy one is written, `structure`: the modern one. `kicked`: a queue is, by either. */
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, others: Others) {
    this.facts = facts;
    this.others = others;
    this.on = new Watch(journal, KICKS).on;
    this.steady = new SteadyKicks(facts.queueSizes.length, journal, (queue, times, last) =>
      this.again(queue, times, last),
    );
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

  reset(): void {
    this.steady.changed();
  }

  enabled(): void {
    this.steady.changed();
  }

  negotiated(accepted: BitSet): void {
    this.steady.changed();
    this.packed = accepted.has(FEATURE.RING_PACKED);
    this.withData = accepted.has(FEATURE.NOTIFICATION_DATA);
    this.ownValue = accepted.has(FEATURE.NOTIF_CONFIG_DATA);
  }

  read(_by: Interface, register: Register | null, _offset: number, width: Width): void {
    if (register === QUEUE_NOTIFY) this.registerAccessed(width);
  }

  /** What rules of kicks depend on may change now. */
  written(_by: Interface, register: Register | null, _offset: number, _width: Width, value: number): void {
    if (register === null || isReset(register, value)) return;
    if (isStatus(register) || register === QUEUE_ADDRESS || QUEUE_REGISTERS.includes(register))
      this.steady.changed();
  }

  notifyWritten(by: Interface, queue: number, offset: number, width: Width, value: number): void {
    const told = value & NOTIFICATION.mask.VQ;
    const { init, interfaces } = this.others;
    if (by === 'legacy') {
      if (this.steady.again(queue, width, value)) return;
      let kept = this.registerAccessed(width);
      kept = interfaces.used(by) && kept;
      this.wellBegun = init.used() && kept;
      return;
    }
    if (offset % width === 0 && this.steady.again(queue, width, told)) return;
    const kept = interfaces.used(by);
    this.wellBegun = this.structureWritten(queue, offset, width, told) && kept && offset % width === 0;
  }

  positionTold(queue: number, position: number, right: boolean): void {
    this.queue = queue;
    this.position = position;
    this.right = right;
    this.on.position.tell(this);
  }

  kicked(queue: number, open: boolean): void {
    if (this.steady.on && open) return;
    this.steady.otherwise(queue);
    const { facts } = this;
    const { init, setup, suspend } = this.others;
    const exists = (facts.queueSizes[queue] ?? 0) > 0;
    if (exists) facts.master?.queueKicked(facts.role(queue), open);
    let kept = init.used() && open && this.wellBegun;
    kept = setup.judgesKick(queue) && kept;
    kept = init.judgesKick(queue) && kept;
    this.queue = this.told = this.expected = queue;
    this.exists = exists;
    kept = this.on.kicked.tell(this) && kept;
    kept = suspend.judgesKick(queue) && kept;
    this.steady.learn(queue, kept);
  }

  /** Kicks equal to the last one of this queue. */
  private again(queue: number, times: number, last: Nanos): void {
    const { init, setup, interfaces } = this.others;
    init.kickedAgain(queue, times, last);
    setup.kickedAgain(queue, times, last);
    this.queue = this.told = this.expected = queue;
    this.exists = true;
    this.on[this.structure ? 'structure' : 'register'].repeat(this, times, last);
    this.on.kicked.repeat(this, times, last);
    interfaces.usedAgain(times, last);
    this.facts.master?.masteredAgain(times, last);
  }

  /** The legacy register is accessed. */
  private registerAccessed(width: Width): boolean {
    this.queue = NONE;
    this.structure = false;
    this.width = width;
    return this.on.register.tell(this);
  }

  /** @param told the lower half of what was written. */
  private structureWritten(queue: number, offset: number, width: Width, told: number): boolean {
    this.structure = true;
    this.exists = true;
    this.queue = queue;
    this.offset = offset;
    this.width = width;
    this.told = told;
    this.expected = this.ownValue ? notifConfigData(queue) : queue;
    return this.on.structure.tell(this);
  }
}
