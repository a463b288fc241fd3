import type { Mark } from '../../../core/access.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/**
 * How far a suspension has come, as the driver knows: SUSPEND was written; and the status read as suspended; DRIVER_OK was
 * asked for; and the status read as working.
 */
export type SuspendStep = 'working' | 'suspending' | 'suspended' | 'resuming';

/** What the rules know of a driver that suspends a device. */
export interface SuspendKnows extends Knows {
  readonly step: SuspendStep;
  /** What was done: `receive queue 1 (queue 0) was kicked`. */
  readonly deed: string;
  /** The queues in which buffers were made available since SUSPEND was written, by name. */
  readonly filled: readonly string[];
  readonly suspendedAt: Mark;
  readonly resumedAt: Mark;
}

/** `resume`: DRIVER_OK is asked for. `kicked`, `configured`: that, while the device does not work. `resumed`: it works again. */
export type SuspendMoment = 'resume' | 'kicked' | 'configured' | 'resumed';

const SUSPEND = 'virtio 1.4, Device Suspend';
const since = (k: SuspendKnows) => k.suspendedAt;
/** From the write of SUSPEND until DRIVER_OK is asked for. */
const isDown = (k: SuspendKnows) => k.step === 'suspending' || k.step === 'suspended';

/** Rules of Device Suspend, which SUSPEND (43) brings. */
export const SUSPENSION = {
  'virtio/SUSP-D2': {
    strength: 'MUST',
    where: SUSPEND,
    text: 'After setting SUSPEND, read the status until it has SUSPEND and no DRIVER_OK',
    advice: 'Read the status until the device says that it is suspended; it may need its time, or a reset.',
    on: 'resume',
    kept: (k) => k.step !== 'suspending',
    said: () => 'DRIVER_OK was asked for before the status had read SUSPEND without DRIVER_OK',
    since,
  },
  'virtio/SUSP-D3': {
    strength: 'MUST NOT',
    where: SUSPEND,
    text: 'No buffer is made available after SUSPEND was written',
    advice: 'Keep what comes to be sent until the device works again.',
    on: 'resume',
    kept: (k) => k.filled.length === 0,
    said: (k) => `buffers were made available after SUSPEND was written, in ${k.filled.join(', ')}`,
    since,
  },
  'virtio/SUSP-D4': {
    strength: 'MUST NOT',
    where: SUSPEND,
    text: 'No queue is kicked after SUSPEND was written',
    advice: 'Stop who sends first, and suspend the device then.',
    on: ['kicked', 'resumed'],
    when: (k) => isDown(k) || k.step === 'working',
    kept: (k) => !isDown(k),
    said: (k) => `${k.deed} after SUSPEND was written`,
    since,
  },
  'virtio/SUSP-D5': {
    strength: 'MUST NOT',
    where: SUSPEND,
    text: 'The device configuration is not written after SUSPEND was written',
    advice: 'Write it before, or when the device works again: a suspended one ignores it.',
    on: ['configured', 'resumed'],
    when: (k) => isDown(k) || k.step === 'working',
    kept: (k) => !isDown(k),
    said: (k) => `${k.deed} after SUSPEND was written`,
    since,
  },
  'virtio/SUSP-D6': {
    strength: 'MUST',
    where: SUSPEND,
    text: 'After asking for DRIVER_OK again, wait until the status has it and no SUSPEND',
    advice: 'Read the status until the device works again, and kick it then.',
    on: ['kicked', 'configured', 'resumed'],
    when: (k) => !isDown(k),
    kept: (k) => k.step !== 'resuming',
    said: (k) => `${k.deed} before the status had read DRIVER_OK without SUSPEND`,
    since: (k) => k.resumedAt,
  },
} as const satisfies Rules<SuspendKnows, SuspendMoment>;
