import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { DEVICE_STATUS, FEATURE } from '../../../virtio/registers.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, SUSPEND, FAILED } = DEVICE_STATUS.mask;
/** What a driver sets of the status. */
const STEPS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | SUSPEND | FAILED;

const STATUS = 'virtio 1.4, Device Status Field';
const INITIALIZATION = 'virtio 1.4, Device Initialization';
const FEATURE_BITS = 'virtio 1.4, Feature Bits';
const LEGACY_RESERVED = 'virtio 1.4, Legacy Interface: Reserved Feature Bits';

/** What the rules of initialisation know. */
export interface InitKnows extends Knows {
  /** Whether the legacy interface is in use, and the status is written by it. */
  readonly legacy: boolean;
  readonly byLegacy: boolean;
  /** The driver looked at the virtio capabilities: it is no purely legacy one. */
  readonly looked: boolean;
  /** The status as the driver left it, and as it writes it now. */
  readonly before: number;
  readonly value: number;
  /** All bits that the status was read with since the reset. */
  readonly shown: number;
  /** The status was written after FAILED, which another rule tells. */
  readonly revived: boolean;
  /** The driver has reset the device since power came on. */
  readonly resetSeen: boolean;
  /** Since the last reset the device was not used; and the status was read as 0. */
  readonly resetFresh: boolean;
  readonly resetRead: boolean;
  readonly offerRead: boolean;
  readonly featuresWritten: boolean;
  /** Which of 32 features are written, and those among them that the device did not offer. */
  readonly features: number;
  readonly unoffered: number;
  readonly offered: BitSet;
  readonly accepted: BitSet;
  /** A queue was given memory, be it one that is not there. */
  readonly anyQueue: boolean;
  /** The queue that is set up or kicked: `transmit queue 1 (queue 1)` */
  readonly queueName: string;
  /** The queue was reset by itself, which it may be while the device runs. */
  readonly again: boolean;
  /** The accesses that began things. */
  readonly resetAt: Mark;
  readonly statusAt: Mark;
  readonly offerAt: Mark;
}

/**
 * `reset`: 0 is written to the status; `status`: another value is. `used`: any access but a read of the status or a
 * reset. `features`: 32 of them are written. `live`: DRIVER_OK is set. `placed`: a queue gets its memory.
 */
type InitMoment = 'reset' | 'status' | 'used' | 'features' | 'live' | 'placed' | 'kicked';

const whileStatus = (k: InitKnows) => `while status was ${hex(k.before, 2)}`;

/** Rules for every virtio driver that initialises a device, whatever the interface. */
export const INIT = {
  'virtio/STATUS-D1': {
    strength: 'MUST',
    where: STATUS,
    text: 'Raise each status bit as the matching init step is finished',
    advice: 'Write 1, then 3, then (after the features) the rest, each keeping what was set.',
    on: 'status',
    when: (k) => (k.value & ~k.before & DRIVER_OK) !== 0,
    kept: (k) => (k.before & DRIVER) !== 0,
    said: (k) =>
      `status went from ${hex(k.before, 2)} to ${hex(k.value, 2)}: DRIVER_OK came ${k.value & DRIVER ? 'in the same write as' : 'without'} DRIVER`,
    since: (k) => k.resetAt,
  },
  'virtio/STATUS-D2': {
    strength: 'MUST NOT',
    where: STATUS,
    text: 'Never drop a status bit that is already set (only a full 0 write resets)',
    advice: 'Read the status, OR the new bit in, write it; write 0 only to reset.',
    on: 'status',
    when: (k) => k.before !== 0,
    kept: (k) => (k.before & ~k.value) === 0,
    said: (k) =>
      `status went from ${hex(k.before, 2)} to ${hex(k.value, 2)}, which drops ${DEVICE_STATUS.format(k.before & ~k.value)}`,
    since: (k) => k.statusAt,
  },
  'virtio/STATUS-D3': {
    strength: 'MUST',
    where: STATUS,
    text: 'After raising FAILED, reset before any new initialisation',
    advice: 'Write 0 to the status before trying again.',
    on: ['status', 'reset'],
    when: (k) => (k.before & FAILED) !== 0,
    kept: (k) => k.value === 0,
    said: (k) => `status ${hex(k.value, 2)} was written after FAILED, without a reset`,
    since: (k) => k.statusAt,
  },
  'virtio/SUSP-D1': {
    strength: 'SHOULD NOT',
    where: 'virtio 1.4, Device Suspend',
    text: 'No SUSPEND bit unless DRIVER_OK is set and SUSPEND (43) was negotiated',
    advice: 'Before virtio 1.4 bit 4 of the status meant nothing: leave it at 0.',
    on: 'status',
    kept: (k) =>
      (k.value & ~k.before & SUSPEND) === 0 ||
      ((k.before & DRIVER_OK) !== 0 && k.accepted.has(FEATURE.SUSPEND)),
    said: (k) => `status ${hex(k.value, 2)} has SUSPEND, written ${whileStatus(k)}`,
    since: (k) => k.statusAt,
  },
  'virtio/RESET-D1': {
    strength: 'SHOULD',
    where: 'virtio 1.4, Device Reset',
    text: 'Treat a reset as done only when status reads back 0',
    advice: 'Read the status until it is 0 before the next access.',
    on: 'used',
    when: (k) => k.resetFresh,
    kept: (k) => k.resetRead,
    said: () => 'the device was used before its status read 0 after a reset',
    since: (k) => k.resetAt,
  },
  'virtio/INIT-D1': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 1: reset before anything else',
    advice: 'Write 0 to the status before anything else.',
    on: 'status',
    when: (k) => k.before === 0,
    kept: (k) => k.resetSeen,
    said: (k) => `the first status written was ${hex(k.value, 2)}, without a reset`,
  },
  'virtio/INIT-D2': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 2: set ACKNOWLEDGE after the reset',
    advice: 'Set ACKNOWLEDGE (1) after the reset, before DRIVER.',
    on: 'status',
    // Both in one write are no breach: the bits say which steps are done, and two may be.
    when: (k) => (k.value & DRIVER) !== 0,
    kept: (k) => (k.value & ACKNOWLEDGE) !== 0,
    said: (k) => `status ${hex(k.value, 2)} has DRIVER without ACKNOWLEDGE`,
    since: (k) => k.resetAt,
  },
  'virtio/INIT-D3': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 3: set DRIVER after ACKNOWLEDGE and before feature negotiation',
    advice: 'Set DRIVER (2) before writing features.',
    on: 'features',
    kept: (k) => (k.before & DRIVER) !== 0,
    said: (k) => `features were written ${whileStatus(k)}`,
    since: (k) => k.statusAt,
    follows: ['virtio/STATUS-D1'],
  },
  'virtio/INIT-D4': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 4: read offered features, then write the accepted subset',
    advice: 'Read the offered features, then write the subset the driver takes, even if it is 0.',
    on: ['features', 'live'],
    // What comes too late on the modern interface is INIT-D10.
    when: (k) => (isLive(k) ? inTurn(k) : k.legacy || (k.before & DRIVER_OK) === 0),
    kept: (k) => (k.before & DRIVER_OK) === 0 && (!isLive(k) || (k.offerRead && k.featuresWritten)),
    said: (k) => {
      if (!isLive(k)) return `features were written ${whileStatus(k)}`;
      const missing = k.offerRead ? 'no features were written' : 'the offered features were not read';
      return `DRIVER_OK was set though ${missing}${k.resetSeen ? ' since the last reset' : ''}`;
    },
    since: (k) => k.resetAt,
  },
  'virtio/INIT-D7': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 7: queue discovery and set-up between the FEATURES_OK check and DRIVER_OK',
    advice: 'Give the queues their addresses after the features and before DRIVER_OK.',
    on: 'placed',
    when: (k) => !(k.again && (k.before & DRIVER_OK) !== 0),
    kept: (k) => (k.before & (DRIVER | DRIVER_OK)) === DRIVER,
    said: (k) => `${k.queueName} was set up ${whileStatus(k)}`,
    since: (k) => k.statusAt,
    follows: ['virtio/STATUS-D1', 'virtio/INIT-D3'],
  },
  'virtio/INIT-D8': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 8: set DRIVER_OK after the set-up',
    advice: 'Set up every queue the driver uses, then set DRIVER_OK.',
    on: 'live',
    when: inTurn,
    kept: (k) => k.anyQueue,
    said: () => 'DRIVER_OK was set though no queue was set up',
    since: (k) => k.resetAt,
  },
  'virtio/INIT-D13': {
    strength: 'MUST NOT',
    where: INITIALIZATION,
    text: 'No available-buffer notification before DRIVER_OK',
    advice: 'Move the first kick behind the write of DRIVER_OK.',
    on: 'kicked',
    kept: (k) => (k.before & DRIVER_OK) !== 0,
    said: (k) => `${k.queueName} was kicked ${whileStatus(k)}`,
    since: (k) => k.statusAt,
    follows: ['virtio/STATUS-D2'],
  },
  'virtio/INIT-IMP-1': {
    strength: 'NOTE',
    where: STATUS,
    text: 'A device that was given up is not kicked',
    advice: 'After FAILED reset the device and begin anew, or leave it alone.',
    on: 'kicked',
    when: (k) => !k.revived,
    kept: (k) => (k.before & FAILED) === 0,
    said: (k) => `${k.queueName} was kicked ${whileStatus(k)}, which has FAILED`,
    since: (k) => k.statusAt,
  },
  'virtio/INIT-IMP-2': {
    strength: 'SHOULD NOT',
    where: STATUS,
    text: 'No bit of the status is set that is not one of the driver: bit 5 is reserved, DEVICE_NEEDS_RESET the device sets',
    advice: 'Write the bits that were read and the new one, and no constant with more.',
    on: 'status',
    kept: (k) => strange(k) === 0,
    said: (k) => `status ${hex(k.value, 2)} has ${hex(strange(k), 2)}, which the device never showed`,
    since: (k) => k.statusAt,
  },
  'virtio/INIT-LEG-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Device Initialization',
    text: 'Legacy: same sequence without the two FEATURES_OK steps',
    advice: 'Leave FEATURES_OK (8) to modern devices.',
    on: 'status',
    when: (k) => k.legacy && k.byLegacy && (k.value & DRIVER) !== 0,
    kept: (k) => (k.value & FEATURES_OK) === 0,
    said: (k) => `status ${hex(k.value, 2)} has FEATURES_OK, by the legacy interface`,
  },
  'virtio/FEAT-D1': {
    strength: 'MUST NOT',
    where: FEATURE_BITS,
    text: 'Do not accept a bit the device did not offer',
    advice: 'Write back the AND of what the device offers and what the driver knows.',
    on: 'features',
    kept: (k) => k.unoffered === 0,
    said: (k) => `${hex(k.features >>> 0, 8)} was accepted, of which ${hex(k.unoffered, 8)} was not offered`,
    since: (k) => k.offerAt,
  },
  'virtio/RFEAT-LEG-D1': {
    strength: 'MUST',
    where: LEGACY_RESERVED,
    text: 'Transitional driver accepts ANY_LAYOUT (27) when offered',
    advice:
      'Accept bit 27 when it is offered, and lay buffers out as you like; or take the modern interface, where that is always so.',
    on: 'live',
    // A purely legacy driver does not know the bit, and does not look at the capabilities either.
    when: (k) => k.legacy && k.byLegacy && k.looked && inTurn(k) && k.offered.has(FEATURE.ANY_LAYOUT),
    kept: (k) => k.accepted.has(FEATURE.ANY_LAYOUT),
    said: () => 'ANY_LAYOUT was offered and not accepted',
    since: (k) => k.offerAt,
  },
  'virtio/RFEAT-LEG-D2': {
    strength: 'SHOULD NOT',
    where: LEGACY_RESERVED,
    text: 'Bit 30 is not to be negotiated',
    advice: 'Leave bit 30 out of what is accepted, though QEMU offers it.',
    on: 'live',
    when: (k) => k.legacy && k.byLegacy && inTurn(k) && k.offered.has(FEATURE.UNUSED_30),
    kept: (k) => !k.accepted.has(FEATURE.UNUSED_30),
    said: () => 'bit 30 was accepted',
    since: (k) => k.offerAt,
  },
} as const satisfies Rules<InitKnows, InitMoment>;

/** Of a driver that sets DRIVER_OK before DRIVER, that alone is told: what it left out follows from it. */
function inTurn(k: InitKnows): boolean {
  return (k.before & DRIVER) !== 0;
}

/** DRIVER_OK is being set, which tells that moment from a write of features. */
function isLive(k: InitKnows): boolean {
  return (k.value & ~k.before & DRIVER_OK) !== 0;
}

/** Bits that are neither a driver's nor the device's own: who writes back what was read sets nothing. */
function strange(k: InitKnows): number {
  return k.value & ~STEPS & ~k.shown;
}
