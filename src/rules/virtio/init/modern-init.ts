import type { Mark } from '../../../core/access.ts';
import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';

const { FEATURES_OK } = DEVICE_STATUS.mask;
const INITIALIZATION = 'virtio 1.4, Device Initialization';

/** What the rules know of the steps that only the modern interface has. */
export interface ModernInitKnows extends Knows {
  /** The device's own status. */
  readonly status: number;
  /** A reset was asked for, and the status not read as 0 since. */
  readonly resetPending: boolean;
  /** Since then nothing was written. */
  readonly firstWrite: boolean;
  /** The driver set FEATURES_OK, and has read the status since. */
  readonly closed: boolean;
  readonly statusRead: boolean;
  /** The device took FEATURES_OK back, and the driver has not set it again. */
  readonly refused: boolean;
  /** FEATURES_OK and what is under way were written at once. */
  readonly together: boolean;
  /** Which 32 features are written, with what, and whether the driver read what is offered of them since power came on. */
  readonly word: number;
  readonly features: number;
  readonly offerRead: boolean;
  /** `queue 1 was enabled`, `DRIVER_OK was set`, `the device configuration was written`. */
  readonly what: string;
  readonly resetAt: Mark;
  readonly closedAt: Mark;
}

/**
 * `written`: anything but 0 to the status. `features`: some are written. `config`: the device configuration is.
 * `onward`: a queue is enabled, or DRIVER_OK set, which come after the negotiation.
 */
export type ModernInitMoment = 'written' | 'features' | 'config' | 'onward';

/** Rules of the steps that only the modern interface has; each is told of once until the next reset. */
export const MODERN_INIT = {
  'virtio/INIT-D5': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 5: set FEATURES_OK once the subset is written',
    advice: 'Set FEATURES_OK (8) after the last write of features, before any queue is set up.',
    on: 'onward',
    kept: (k) => k.closed,
    said: (k) => `${k.what} while status was ${hex(k.status, 2)}, without FEATURES_OK`,
    since: (k) => k.resetAt,
    once: true,
  },
  'virtio/INIT-D6': {
    strength: 'MUST',
    where: INITIALIZATION,
    text: 'Step 6: re-read status to see that FEATURES_OK stuck',
    advice: 'Read the status after setting FEATURES_OK: a device that refuses the features drops the bit.',
    on: ['onward', 'config'],
    when: (k) => k.closed,
    kept: (k) => k.statusRead,
    said: (k) =>
      k.together
        ? `${k.what} in the same write as FEATURES_OK: the status was not read between`
        : `${k.what} before the status was read again after FEATURES_OK was set`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/INIT-D9': {
    strength: 'MUST NOT',
    where: INITIALIZATION,
    text: 'No write to device-specific config during feature negotiation',
    advice: 'Move the write behind FEATURES_OK.',
    on: 'config',
    kept: (k) => k.closed,
    said: () => 'the device configuration was written before FEATURES_OK was set',
    since: (k) => k.resetAt,
    follows: ['virtio/INIT-D5'],
    once: true,
  },
  'virtio/FEAT-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Feature Bits',
    text: 'Validate the offered set before using it: no 32 features are accepted whose offer was not read',
    advice:
      'Read device_feature with select 0 and 1, and accept nothing that is not there: not even VERSION_1.',
    on: 'features',
    when: (k) => k.features !== 0,
    kept: (k) => k.offerRead,
    said: (k) =>
      `driver_feature was written ${hex(k.features, 8)} with select ${k.word}, whose device_feature was not read`,
    since: (k) => k.resetAt,
    once: true,
  },
  'virtio/INIT-D10': {
    strength: 'MUST NOT',
    where: INITIALIZATION,
    text: 'No new feature bits after FEATURES_OK',
    advice: 'Reset the device to negotiate anew.',
    on: 'features',
    kept: (k) => (k.status & FEATURES_OK) === 0,
    said: (k) => `driver_feature was written while status was ${hex(k.status, 2)}`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/INIT-D12': {
    strength: 'MUST NOT',
    where: INITIALIZATION,
    text: 'Do not carry on initialising after the device refused FEATURES_OK',
    advice: 'Set FAILED, or reset and ask for less.',
    on: 'onward',
    when: (k) => k.closed,
    kept: (k) => !k.refused,
    said: (k) => `${k.what} though the device had refused FEATURES_OK`,
    since: (k) => k.closedAt,
    once: true,
  },
  'virtio/PCI-COMMON-D5': {
    strength: 'MUST',
    where: 'virtio 1.4, Common configuration structure layout',
    text: 'After writing status 0 wait for a 0 read before re-init',
    advice: 'Read device_status until it is 0.',
    on: 'written',
    when: (k) => k.firstWrite,
    kept: (k) => !k.resetPending,
    said: () => 'a register was written before device_status read 0 after a reset',
    since: (k) => k.resetAt,
    once: true,
  },
} as const satisfies Rules<ModernInitKnows, ModernInitMoment>;
