import type { Mark } from '../../../core/access.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/** What the rules know of what became of a device. */
export interface OutcomeKnows extends Knows {
  /** It broke down, and was not reset. */
  readonly broken: boolean;
  /** The run is over, and the driver would have gone on for ever. */
  readonly waiting: boolean;
  /** What it refused the driver: `a vector`; null is nothing. */
  readonly refused: string | null;
  /** It offers less than others of its kind, and the driver has seen what. */
  readonly offersLess: boolean;
  /** The driver set out to use it, and neither does so nor has said that it gave up. */
  readonly left: boolean;
  /** No queue is set up. */
  readonly bare: boolean;
  readonly since: Mark;
}

/** `ended`: the run is over; `reset`: the driver resets it. */
export type OutcomeMoment = 'ended' | 'reset';

const INITIALIZATION = 'virtio 1.4, Device Initialization';

/** Rules of what becomes of a device with which all is not well. */
export const OUTCOME = {
  'virtio/STATUS-D4': {
    strength: 'SHOULD NOT',
    where: 'virtio 1.4, Device Status Field',
    text: 'Do not count on requests finishing once DEVICE_NEEDS_RESET is up',
    advice:
      'Look for DEVICE_NEEDS_RESET on a configuration interrupt and while you wait, then reset the device.',
    on: ['ended', 'reset'],
    when: (k) => k.broken,
    kept: (k) => !k.waiting,
    said: () => 'the device broke down, and the driver waited for ever, without a reset',
    since: (k) => k.since,
  },
  'virtio/INIT-D11': {
    strength: 'SHOULD',
    where: INITIALIZATION,
    text: 'Set FAILED when a step goes irrecoverably wrong',
    advice: 'Set FAILED (80h) before you give up, or reset the device.',
    on: ['ended', 'reset'],
    when: (k) => k.refused !== null,
    kept: (k) => !k.left,
    said: (k) => `the device refused ${k.refused}, and was left without DRIVER_OK and without FAILED`,
    since: (k) => k.since,
  },
  'virtio/FEAT-D10': {
    strength: 'MUST',
    where: 'virtio 1.4, Feature Bits',
    text: 'If no fallback exists, set FAILED and stop initialising',
    advice: 'Set FAILED (80h) where the device does not offer what you cannot do without.',
    on: ['ended', 'reset'],
    when: (k) => k.offersLess && k.refused === null,
    kept: (k) => !k.left || !k.bare,
    said: () =>
      'the device offers less than its driver wants, and was left without DRIVER_OK and without FAILED',
    since: (k) => k.since,
  },
} as const satisfies Rules<OutcomeKnows, OutcomeMoment>;
