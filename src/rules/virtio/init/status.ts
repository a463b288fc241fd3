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
    where: STATUS,
    text: 'A driver MUST set each status bit when it completes the matching step of initialisation.',
    advice: 'Write 1, then 3, then (after the features) the rest, each time keeping the bits that were set.',
    on: 'status',
    when: (k) => (k.value & ~k.before & DRIVER_OK) !== 0,
    kept: (k) => (k.before & DRIVER) !== 0,
    said: (k) =>
      `status went from ${hex(k.before, 2)} to ${hex(k.value, 2)}: DRIVER_OK came ${k.value & DRIVER ? 'in the same write as' : 'without'} DRIVER`,
    since: (k) => k.resetAt,
  },
  'virtio/STATUS-D2': {
    where: STATUS,
    text: 'A driver MUST NOT clear a status bit that is set, except by writing 0 to reset the device.',
    advice: 'Read the status, OR the new bit in, write it; write 0 only to reset.',
    on: 'status',
    when: (k) => k.before !== 0,
    kept: (k) => (k.before & ~k.value) === 0,
    said: (k) =>
      `status went from ${hex(k.before, 2)} to ${hex(k.value, 2)}, which drops ${DEVICE_STATUS.format(k.before & ~k.value)}`,
    since: (k) => k.statusAt,
  },
  'virtio/STATUS-D3': {
    where: STATUS,
    text: 'A driver MUST reset the device after setting FAILED before it initialises it again.',
    advice: 'Write 0 to the status before trying again.',
    on: ['status', 'reset'],
    when: (k) => (k.before & FAILED) !== 0,
    // A driver may say more than once that it failed.
    kept: (k) => k.value === 0 || ((k.value & FAILED) !== 0 && (k.value & ~k.before & STEPS) === 0),
    said: (k) => `status ${hex(k.value, 2)} was written after FAILED, without a reset`,
    since: (k) => k.statusAt,
  },
  'virtio/SUSP-D1': {
    where: 'virtio 1.4, Device Suspend',
    text: 'A driver SHOULD NOT set SUSPEND unless DRIVER_OK is set and SUSPEND (43) was negotiated.',
    advice: 'Keep bit 4 of the status at 0: before virtio 1.4 it was reserved.',
    on: 'status',
    kept: (k) =>
      (k.value & ~k.before & SUSPEND) === 0 ||
      ((k.before & DRIVER_OK) !== 0 && k.accepted.has(FEATURE.SUSPEND)),
    said: (k) => `status ${hex(k.value, 2)} has SUSPEND, written ${whileStatus(k)}`,
    since: (k) => k.statusAt,
  },
  'virtio/INIT-IMP-1': {
    where: STATUS,
    text: 'Do not kick a device after setting FAILED.',
    advice: 'After FAILED, reset the device and initialise it again, or do not use it.',
    on: 'kicked',
    when: (k) => !k.revived,
    kept: (k) => (k.before & FAILED) === 0,
    said: (k) => `${k.queueName} was kicked ${whileStatus(k)}, which has FAILED`,
    since: (k) => k.statusAt,
  },
  'virtio/INIT-IMP-2': {
    where: STATUS,
    text: "A driver SHOULD NOT set a status bit that is not the driver's: bit 5 is reserved, and DEVICE_NEEDS_RESET is the device's.",
    advice: 'Write the bits that were read plus the new one, not a constant with more.',
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
