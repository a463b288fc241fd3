import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import { DEVICE_STATUS, FEATURE } from '../../../virtio/registers.ts';
import type { InitKnows, InitMoment } from './knows.ts';
import { STATUS_BITS, whileStatus } from './status.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK } = DEVICE_STATUS.mask;

const INITIALIZATION = 'virtio 1.4, Device Initialization';
const FEATURE_BITS = 'virtio 1.4, Feature Bits';
const LEGACY_RESERVED = 'virtio 1.4, Legacy Interface: Reserved Feature Bits';

/** Rules for every virtio driver that initialises a device, by either interface. */
export const INIT = {
  ...STATUS_BITS,
  'virtio/RESET-D1': {
    where: 'virtio 1.4, Device Reset',
    text: 'A driver SHOULD treat a reset as done only when the status reads 0.',
    advice: 'Read the status until it is 0 before the next access.',
    on: 'used',
    when: (k) => k.resetFresh,
    kept: (k) => k.resetRead,
    said: () => 'the device was used before its status read 0 after a reset',
    since: (k) => k.resetAt,
  },
  'virtio/INIT-D1': {
    where: INITIALIZATION,
    text: 'A driver MUST reset the device before anything else (step 1 of initialisation).',
    advice: 'Write 0 to the status before anything else.',
    on: 'status',
    when: (k) => k.before === 0,
    kept: (k) => k.resetSeen,
    said: (k) => `the first status written was ${hex(k.value, 2)}, without a reset`,
  },
  'virtio/INIT-D2': {
    where: INITIALIZATION,
    text: 'A driver MUST set ACKNOWLEDGE after the reset (step 2 of initialisation).',
    advice: 'Set ACKNOWLEDGE (1) after the reset, before DRIVER.',
    on: 'status',
    // Both may be set in one write: the bits show which steps are done. Dropping it again breaks STATUS-D2.
    when: (k) => (k.value & DRIVER) !== 0,
    kept: (k) => ((k.raised | k.value) & ACKNOWLEDGE) !== 0,
    said: (k) => `status ${hex(k.value, 2)} has DRIVER without ACKNOWLEDGE`,
    since: (k) => k.resetAt,
  },
  'virtio/INIT-D3': {
    where: INITIALIZATION,
    text: 'A driver MUST set DRIVER after ACKNOWLEDGE and before feature negotiation (step 3 of initialisation).',
    advice: 'Set DRIVER (2) before writing features.',
    on: 'features',
    kept: (k) => (k.before & DRIVER) !== 0,
    said: (k) => `features were written ${whileStatus(k)}`,
    since: (k) => k.statusAt,
    follows: ['virtio/STATUS-D1'],
  },
  'virtio/INIT-D4': {
    where: INITIALIZATION,
    text: 'A driver MUST read the offered features and then write the subset that it accepts (step 4 of initialisation).',
    advice:
      'If the device is in use, reset it first. Then read the offered features, and write the subset the driver takes, even if it is 0.',
    on: ['features', 'live'],
    // On the modern interface, features that come too late break INIT-D10.
    when: (k) => (isLive(k) ? inTurn(k) : k.legacy || (k.before & DRIVER_OK) === 0),
    kept: (k) => (k.before & DRIVER_OK) === 0 && (!isLive(k) || (k.offerRead && k.featuresWritten)),
    said: (k) => {
      if (!isLive(k)) return `features were written ${whileStatus(k)}`;
      const missing = k.offerRead ? 'no features were written' : 'the offered features were not read';
      return `DRIVER_OK was set though ${missing}${k.resetSeen ? ' since the last reset' : ''}`;
    },
    since: (k) => k.resetAt,
    follows: ['virtio/INIT-D10'],
  },
  'virtio/INIT-D7': {
    where: INITIALIZATION,
    text: 'A driver MUST discover and set up queues between the check of FEATURES_OK and DRIVER_OK (step 7 of initialisation).',
    advice:
      'If the device is in use, reset it first. Give the queues their addresses after the features and before DRIVER_OK.',
    // By virtio 0.9.5 a legacy driver writes features after its queues, as EDK II does.
    on: 'placed',
    when: (k) => !(k.again && (k.before & DRIVER_OK) !== 0),
    kept: (k) => (k.before & (DRIVER | DRIVER_OK)) === DRIVER,
    said: (k) => `${k.queueName} was set up ${whileStatus(k)}`,
    since: (k) => k.statusAt,
    follows: ['virtio/STATUS-D1', 'virtio/INIT-D3'],
    apart: (k) => (k.before & DRIVER_OK) !== 0,
  },
  'virtio/INIT-D8': {
    where: INITIALIZATION,
    text: 'A driver MUST set DRIVER_OK after the set-up (step 8 of initialisation).',
    advice: 'Set up every queue the driver uses, then set DRIVER_OK.',
    on: 'live',
    when: inTurn,
    kept: (k) => k.anyQueue,
    said: () => 'DRIVER_OK was set though no queue was set up',
    since: (k) => k.resetAt,
    follows: ['virtio/INIT-D7'],
  },
  'virtio/INIT-D13': {
    where: INITIALIZATION,
    text: 'A driver MUST NOT send an available buffer notification before DRIVER_OK.',
    advice: 'Move the first kick after the write of DRIVER_OK.',
    on: 'kicked',
    kept: (k) => (k.before & DRIVER_OK) !== 0,
    said: (k) => `${k.queueName} was kicked ${whileStatus(k)}`,
    since: (k) => k.statusAt,
    follows: ['virtio/STATUS-D2'],
    apart: (k) => (k.raised & DRIVER_OK) === 0,
  },
  'virtio/INIT-LEG-D1': {
    where: 'virtio 1.4, Legacy Interface: Device Initialization',
    text: 'A driver MUST initialise a legacy device in the same order, without the two FEATURES_OK steps.',
    advice: 'Set FEATURES_OK (8) only on modern devices.',
    on: 'status',
    when: (k) => k.legacy && k.byLegacy && (k.value & DRIVER) !== 0,
    kept: (k) => (k.value & FEATURES_OK) === 0,
    said: (k) => `status ${hex(k.value, 2)} has FEATURES_OK, by the legacy interface`,
  },
  'virtio/FEAT-D1': {
    where: FEATURE_BITS,
    text: 'A driver MUST NOT accept a feature bit that the device did not offer.',
    advice: 'Write back the AND of what the device offers and what the driver supports.',
    on: 'features',
    kept: (k) => k.unoffered === 0,
    said: (k) => `${hex(k.features >>> 0, 8)} was accepted, of which ${hex(k.unoffered, 8)} was not offered`,
    since: (k) => k.offerAt,
  },
  'virtio/RFEAT-LEG-D1': {
    where: LEGACY_RESERVED,
    text: 'A transitional driver MUST accept ANY_LAYOUT (27) if it is offered.',
    advice:
      'Accept bit 27 if it is offered, and lay buffers out as you like; or use the modern interface, which always allows that.',
    on: 'live',
    // A driver of legacy devices only does not know the bit, and does not read the capabilities either.
    when: (k) => k.legacy && k.byLegacy && k.looked && inTurn(k) && k.offered.has(FEATURE.ANY_LAYOUT),
    kept: (k) => k.accepted.has(FEATURE.ANY_LAYOUT),
    said: () => 'ANY_LAYOUT was offered and not accepted',
    since: (k) => k.offerAt,
  },
  'virtio/RFEAT-LEG-D2': {
    where: LEGACY_RESERVED,
    text: 'A transitional driver SHOULD NOT negotiate feature bit 30.',
    advice: 'Do not accept bit 30, even though QEMU offers it.',
    on: 'live',
    when: (k) => k.legacy && k.byLegacy && inTurn(k) && k.offered.has(FEATURE.UNUSED_30),
    kept: (k) => !k.accepted.has(FEATURE.UNUSED_30),
    said: () => 'bit 30 was accepted',
    since: (k) => k.offerAt,
  },
} as const satisfies Rules<InitKnows, InitMoment>;

/** A driver that sets DRIVER_OK before DRIVER is reported for that only: the steps that it left out follow from it. */
function inTurn(k: InitKnows): boolean {
  return (k.before & DRIVER) !== 0;
}

/** DRIVER_OK is being set, which distinguishes that moment from a write of features. */
function isLive(k: InitKnows): boolean {
  return (k.value & ~k.before & DRIVER_OK) !== 0;
}
