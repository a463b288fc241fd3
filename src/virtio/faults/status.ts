import { DEVICE_STATUS } from '../registers.ts';
import type { Fault } from './strictness.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET, FAILED } = DEVICE_STATUS.mask;

/** A write of a nonzero status over `before`. */
interface Step {
  readonly before: number;
  readonly value: number;
  /** The device cleared FEATURES_OK. */
  readonly refused: boolean;
}

const sets = ({ before, value }: Step, bit: number) => (value & ~before & bit) !== 0;
const goesLive = (step: Step) => sets(step, DRIVER_OK) && (step.before & FEATURES_OK) === 0;

/** Faults of a status write (virtio 1.4, Device Status Field). */
const STATUS_FAULTS: readonly (readonly [Fault, (step: Step) => boolean])[] = [
  ['status bit lost', ({ before, value }) => (before & ~value & ~DEVICE_NEEDS_RESET) !== 0],
  ['DRIVER without ACKNOWLEDGE', ({ value }) => (value & (DRIVER | ACKNOWLEDGE)) === DRIVER],
  ['DRIVER_OK before DRIVER', (step) => sets(step, DRIVER_OK) && (step.before & DRIVER) === 0],
  ['status after FAILED', ({ before }) => (before & FAILED) !== 0],
  ['FEATURES_OK on legacy', ({ value }) => (value & FEATURES_OK) !== 0],
  ['no FEATURES_OK', (step) => goesLive(step) && !step.refused],
  ['FEATURES_OK refused', (step) => goesLive(step) && step.refused],
];

export function statusFaults(step: Step): Fault[] {
  return STATUS_FAULTS.filter(([, at]) => at(step)).map(([fault]) => fault);
}
