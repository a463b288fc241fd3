import { DEVICE_STATUS } from '../registers.ts';

/** A device's answer to a driver's fault: as QEMU's, or as of devices that refuse what they can. */
export type Strictness = 'lenient' | 'strict';

/**
 * Effects of a fault: it is `taken` as if it were right; the write, kick or frame is `lost`; the bits at fault are
 * `dropped`; FEATURES_OK is `refused`; the `queue stops` until it is set up again, or the `device stops` until it is
 * reset, which a modern one reports by DEVICE_NEEDS_RESET.
 */
export type Answer = 'taken' | 'lost' | 'dropped' | 'refused' | 'queue stops' | 'device stops';

type Answers = Readonly<Record<Strictness, Answer>>;

/** What the guest did, and each interface's answers; null if the fault cannot occur on that interface. */
export interface Conduct {
  readonly what: string;
  readonly legacy: Answers | null;
  readonly modern: Answers | null;
}

const both = (answer: Answer): Answers => ({ lenient: answer, strict: answer });
const unlessStrict = (strict: Answer): Answers => ({ lenient: 'taken', strict });
const LOST = unlessStrict('lost');
const REFUSED = unlessStrict('refused');

/** Every fault that a device can react to. It does not detect others. */
export const CONDUCT = {
  'DRIVER without ACKNOWLEDGE': {
    what: 'the status gets DRIVER without ACKNOWLEDGE',
    legacy: LOST,
    modern: LOST,
  },
  'DRIVER_OK before DRIVER': { what: 'the status gets DRIVER_OK before DRIVER', legacy: LOST, modern: LOST },
  'status bit lost': { what: 'the status loses a bit without a reset', legacy: LOST, modern: LOST },
  'status after FAILED': { what: 'the status is written after FAILED', legacy: LOST, modern: LOST },
  'FEATURES_OK on legacy': { what: 'the status gets FEATURES_OK', legacy: LOST, modern: null },
  'no FEATURES_OK': {
    what: 'a queue is enabled, or the status gets DRIVER_OK, without FEATURES_OK',
    legacy: null,
    modern: LOST,
  },
  'FEATURES_OK refused': {
    what: 'a queue is enabled, or the status gets DRIVER_OK, after FEATURES_OK was refused',
    legacy: null,
    modern: LOST,
  },
  'features before DRIVER': { what: 'features are written before DRIVER', legacy: LOST, modern: LOST },
  'features after DRIVER_OK': { what: 'features are written after DRIVER_OK', legacy: LOST, modern: null },
  'features after FEATURES_OK': {
    what: 'features are written after FEATURES_OK',
    legacy: null,
    modern: both('lost'),
  },
  'feature not offered': {
    what: 'a feature is accepted that was not offered',
    legacy: both('dropped'),
    modern: { lenient: 'dropped', strict: 'refused' },
  },
  'feature without another': {
    what: 'a feature is accepted without one that it needs',
    legacy: both('taken'),
    modern: REFUSED,
  },
  'no VERSION_1': { what: 'VERSION_1 is not accepted', legacy: null, modern: REFUSED },
  'no ACCESS_PLATFORM': { what: 'ACCESS_PLATFORM is not accepted', legacy: null, modern: both('refused') },
  'config before FEATURES_OK': {
    what: 'the device configuration is written before FEATURES_OK',
    legacy: null,
    modern: LOST,
  },
  'queue set up out of turn': {
    what: 'a queue is set up before DRIVER or after DRIVER_OK',
    legacy: LOST,
    modern: LOST,
  },
  'kick before DRIVER_OK': { what: 'a queue is kicked before DRIVER_OK', legacy: LOST, modern: LOST },
  'segments without number': {
    what: 'a frame is to be cut into more than 8192 segments',
    legacy: both('lost'),
    modern: both('lost'),
  },
  'queue not in use': {
    what: 'a frame is sent on a queue beyond those that the last command named',
    legacy: LOST,
    modern: LOST,
  },
  'frame beyond mtu': {
    what: 'a frame that is not to be cut is longer than mtu, and MTU was accepted',
    legacy: LOST,
    modern: LOST,
  },
  ring: {
    what: 'a ring, or a chain in it, cannot be followed',
    legacy: { lenient: 'queue stops', strict: 'device stops' },
    modern: both('device stops'),
  },
} as const satisfies { readonly [fault: string]: Conduct };

export type Fault = keyof typeof CONDUCT;

/** The effect of a fault; null if it cannot occur on the interface. */
export function answerTo(fault: Fault, legacy: boolean, strictness: Strictness): Answer | null {
  return CONDUCT[fault][legacy ? 'legacy' : 'modern']?.[strictness] ?? null;
}

/** Whether a device tolerates a fault, or drops the bits at fault and goes on. */
export function goesAlong(fault: Fault, legacy: boolean, strictness: Strictness): boolean {
  const answer = answerTo(fault, legacy, strictness);
  return answer === null || answer === 'taken' || answer === 'dropped';
}

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
