import { hex } from '../../../core/bits.ts';
import type { Register } from '../../../core/register.ts';
import type { Rules } from '../../../core/rule.ts';
import { DEVICE_STATUS, FEATURE } from '../../../virtio/registers.ts';
import { device_status } from '../../../virtio/transport/modern/registers.ts';
import type { InitKnows, InitMoment } from './knows.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, SUSPEND, FAILED } = DEVICE_STATUS.mask;
/** The status bits that a driver sets. */
const STEPS = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | SUSPEND | FAILED;

const STATUS = 'virtio 1.4, Device Status Field';

export const whileStatus = (k: InitKnows) => `while status was ${hex(k.before, 2)}`;

/** Rules of what is written to the status. */
export const STATUS_BITS = {
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
} as const satisfies Rules<InitKnows, InitMoment>;

/** Bits that are neither a driver's nor were shown by the device: a driver may write back what it read. */
function strange(k: InitKnows): number {
  return k.value & ~STEPS & ~k.shown;
}

/** Of either interface. */
export function isStatus(register: Register | null): boolean {
  return register === DEVICE_STATUS || register === device_status;
}

/** Whether a write of this value resets the device. */
export function isReset(register: Register, value: number): boolean {
  return value === 0 && isStatus(register);
}
