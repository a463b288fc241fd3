import type { Mark } from '../../../core/access.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/** What the rules know of a queue that is set up. */
export interface QueueSetupKnows extends Knows {
  readonly legacy: boolean;
  readonly packed: boolean;
  /** RING_RESET was negotiated. */
  readonly mayReset: boolean;
  /** `transmit queue 1 (queue 1)` */
  readonly name: string;
  /** Whether the device has it. */
  readonly exists: boolean;
  /** Its index is beyond num_queues, and the driver accepted ADMIN_VQ. */
  readonly forAdmin: boolean;
  /** The most entries it may have. */
  readonly maximum: number;
  /** The register that is written, by name, and with what. */
  readonly register: string;
  readonly value: number;
  readonly isEnabled: boolean;
  /** The queue that was enabled last is selected still. */
  readonly isStill: boolean;
  /** Its size was read since the last reset. */
  readonly sizeRead: boolean;
  /** It was set up: enabled, or given an address by the legacy interface. */
  readonly begun: boolean;
  /** Some queue was set up. */
  readonly anyBegun: boolean;
  /** Legacy interface: how many other queues have memory, and the first that overlaps this one's; -1 is none. */
  readonly others: number;
  readonly overlapped: number;
  readonly overlappedName: string;
  /** Which of the three addresses were not written. */
  readonly missing: readonly string[];
  /** Which of them do not have the alignment that a split ring needs. */
  readonly unaligned: readonly string[];
  /** Modern interface: the first of its areas that overlaps one of an enabled queue, and that one; or null. */
  readonly laidOver: readonly [area: string, other: string] | null;
  /** The queue was reset by itself, and whether the driver has yet to read that the reset is done. */
  readonly again: boolean;
  readonly resetUnread: boolean;
  readonly resetAt: Mark | null;
}

/**
 * `register`: a register of a queue is written. `field`: its size or a part of an address. `size`: its size. `enable`:
 * queue_enable. `begin`: 1 to it, for a queue not enabled. `laid`: its addresses take effect. `kicked`: the queue
 * is kicked. `placed`: the legacy address is written, which is all a legacy queue needs. `reset`: queue_reset is written.
 */
type QueueSetupMoment =
  | 'register'
  | 'field'
  | 'size'
  | 'enable'
  | 'begin'
  | 'laid'
  | 'placed'
  | 'kicked'
  | 'reset';

const COMMON = 'virtio 1.4, Common configuration structure layout';
const LEGACY_LAYOUT = 'virtio 1.4, Legacy Interfaces: A Note on Virtqueue Layout';
const LEGACY = 'virtio 1.4, Legacy Interfaces: A Note on PCI Device Layout';

const given = (k: QueueSetupKnows) => `${k.name} was given the size ${k.value}`;
const early = (k: QueueSetupKnows) =>
  `${k.name} was enabled before anything was written to ${k.missing.join(', ')}`;

/** Rules of setting queues up, by either interface. */
export const QUEUE_SETUP = {
  'virtio/PCI-COMMON-D2': {
    where: COMMON,
    text: 'A driver with RING_PACKED MUST NOT write 0 to queue_size.',
    advice: 'Write a size from 1 to the one that was read, or do not write queue_size.',
    on: 'size',
    when: (k) => k.packed,
    kept: (k) => k.value > 0,
    said: given,
  },
  'virtio/PCI-COMMON-D3': {
    where: COMMON,
    text: 'A driver without RING_PACKED MUST NOT write a value to queue_size that is not a power of two.',
    advice: 'Write a power of two up to the size that was read, or do not write queue_size.',
    on: 'size',
    when: (k) => !k.packed,
    kept: (k) => k.value > 0 && (k.value & (k.value - 1)) === 0,
    said: given,
  },
  'virtio/PCI-COMMON-D4': {
    where: COMMON,
    text: 'A driver MUST set the other fields of a queue before queue_enable.',
    advice:
      'Write queue_select first for each queue. Then write size, vector and the three addresses, then queue_enable, and do not change them afterwards.',
    on: ['field', 'begin'],
    when: (k) => k.register !== 'queue_enable' || !k.again,
    kept: (k) => (k.register === 'queue_enable' ? k.missing.length === 0 : !k.isEnabled),
    said: (k) =>
      k.register === 'queue_enable'
        ? early(k)
        : `${k.register} of ${k.name} was written while the queue was enabled${k.isStill ? ', and queue_select was not since' : ''}`,
  },
  'virtio/PCI-COMMON-D6': {
    where: COMMON,
    text: 'A driver MUST NOT write a value other than 1 to queue_enable.',
    advice: 'To stop one queue, use queue_reset if RING_RESET was negotiated; if not, reset the device.',
    on: 'enable',
    kept: (k) => k.value === 1,
    said: (k) => `queue_enable of ${k.name} was written with ${k.value}`,
  },
  'virtio/PCI-COMMON-D7': {
    where: COMMON,
    text: 'A driver MUST NOT set up a queue again after its reset before queue_reset reads 0.',
    advice: 'Read queue_reset until it is 0 before you set up the queue again.',
    on: ['field', 'begin'],
    when: (k) => k.again,
    kept: (k) => !k.resetUnread,
    said: (k) =>
      `${k.name} was ${k.register === 'queue_enable' ? 'enabled' : 'set up'} before queue_reset read 0 after its reset`,
    since: (k) => k.resetAt ?? 0,
  },
  'virtio/PCI-COMMON-D8': {
    where: COMMON,
    text: 'A driver MUST use administration virtqueues only at indexes from admin_queue_index to admin_queue_index + admin_queue_num - 1.',
    advice:
      'Read admin_queue_index and admin_queue_num: the first need not directly follow the other queues.',
    on: 'register',
    when: (k) => k.forAdmin,
    kept: (k) => k.exists,
    said: (k) => `${k.register} of ${k.name} was written, which is not an administration virtqueue`,
  },
  'virtio/VQRESET-D1': {
    where: 'virtio 1.4, Virtqueue Reset',
    text: 'A driver MUST check that a queue reset is complete before using the queue.',
    advice: 'Read queue_reset until it is 0 before you use the queue again.',
    on: 'kicked',
    when: (k) => k.again,
    kept: (k) => !k.resetUnread,
    said: (k) => `${k.name} was kicked before queue_reset read 0 after its reset`,
    since: (k) => k.resetAt ?? 0,
  },
  'virtio/VQ-IMP-40': {
    where: 'virtio 1.4, Virtqueue Reset',
    text: 'A driver MUST NOT write queue_reset unless it negotiated RING_RESET.',
    advice:
      'Accept RING_RESET (40) where it is offered; where it is not, only a reset of the device stops a queue.',
    on: 'reset',
    kept: (k) => k.mayReset,
    said: (k) =>
      `queue_reset of ${k.name} was written, and RING_RESET was not negotiated: the device goes on with the queue`,
  },
  'virtio/VQ-IMP-30': {
    where: 'virtio 1.4, Device Initialization',
    text: 'A driver MUST NOT kick a queue that it did not set up.',
    advice:
      'Write the address of each queue that you use and, with the modern interface, 1 to its queue_enable, before DRIVER_OK.',
    on: 'kicked',
    // Other rules cover kicks while its reset is in progress, and while no queue is set up.
    when: (k) => k.exists && (k.anyBegun || k.again) && !k.resetUnread,
    kept: (k) => k.begun,
    said: (k) => `${k.name} was kicked, and ${k.legacy ? 'has no address' : 'is not enabled'}`,
    since: (k) => k.resetAt ?? 0,
    follows: ['virtio/PCI-KICK-D3'],
  },
  'virtio/VQREENABLE-D1': {
    where: 'virtio 1.4, Virtqueue Re-enable',
    text: 'A driver MUST configure a queue anew, as at first discovery, before re-enabling it.',
    advice: 'Write all three addresses again: the reset cleared them.',
    on: 'begin',
    when: (k) => k.again,
    kept: (k) => k.missing.length === 0,
    said: early,
    since: (k) => k.resetAt ?? 0,
  },
  'virtio/VQ-SPLIT-D1': {
    where: 'virtio 1.4, Virtqueues (split)',
    text: 'A driver MUST align the descriptor table to 16 bytes, the available ring to 2 and the used ring to 4.',
    advice: 'Allocate the three areas to 16, 2 and 4 bytes.',
    on: 'laid',
    when: (k) => !k.packed,
    kept: (k) => k.unaligned.length === 0,
    said: (k) => `not aligned, of ${k.name}: ${k.unaligned.join(', ')}`,
  },
  'virtio/VQ-SPLIT-LEG-D1': {
    where: LEGACY_LAYOUT,
    text: 'A driver of the legacy interface MUST read the queue size from the device.',
    advice: 'Select the queue and read its size: it is fixed and may be larger than expected.',
    on: 'placed',
    kept: (k) => k.sizeRead,
    said: (k) => `${k.name} was set up before its size was read`,
  },
  'virtio/VQ-SPLIT-LEG-D2': {
    where: LEGACY_LAYOUT,
    text: 'A driver of the legacy interface MUST allocate the full queue size in two page-rounded parts.',
    advice:
      'Allocate for as many entries as the device has, not as the driver uses; start the used ring on its own page.',
    on: 'placed',
    when: (k) => k.others > 0,
    kept: (k) => k.overlapped < 0,
    said: (k) => `${k.name}, of ${k.maximum} entries, shares memory with ${k.overlappedName}`,
    follows: ['virtio/VQ-SPLIT-LEG-D3'],
    anywhere: true,
  },
  'virtio/VQ-IMP-1': {
    where: COMMON,
    text: 'A driver MUST NOT give a queue more entries than the device allows for it.',
    advice: 'Write a size up to the one read from queue_size after the reset, or do not write it.',
    on: 'size',
    kept: (k) => k.value <= k.maximum,
    said: (k) => `${given(k)}; it has ${k.maximum} entries at most`,
  },
  'virtio/VQ-IMP-27': {
    where: 'virtio 1.4, Virtqueues',
    text: 'A driver MUST NOT let the areas of a queue overlap each other or those of another queue.',
    advice:
      'Allocate each area whole, for as many entries as queue_size reads: 16 bytes for each descriptor, and both rings up to their event fields. For fewer entries write queue_size first.',
    on: 'laid',
    kept: (k) => k.laidOver === null,
    mislays: 'some',
    follows: ['virtio/PCI-LAYOUT-D3'],
    said: (k) => `${k.laidOver![0]} of ${k.name} shares memory with ${k.laidOver![1]}`,
  },
  'virtio/VQ-IMP-15': {
    where: LEGACY,
    text: 'A driver MUST NOT set up a queue that the device does not have.',
    advice: 'Skip a queue whose size is 0: it does not exist.',
    on: 'register',
    // PCI-COMMON-D8 covers the queues beyond num_queues.
    when: (k) => !k.forAdmin,
    kept: (k) => k.exists,
    said: (k) => {
      const what = k.legacy ? `${k.name} was set up` : `${k.register} of ${k.name} was written`;
      return `${what}, but the device has no such queue`;
    },
  },
} as const satisfies Rules<QueueSetupKnows, QueueSetupMoment>;
