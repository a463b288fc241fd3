import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Knows } from '../../../core/watch.ts';

/** What the rules of initialisation know. */
export interface InitKnows extends Knows {
  /** Whether the legacy interface is in use, and the status is written by it. */
  readonly legacy: boolean;
  readonly byLegacy: boolean;
  /** The driver read the virtio capabilities: it does not know only legacy devices. */
  readonly looked: boolean;
  /** The status as the driver left it, and as it writes it now. */
  readonly before: number;
  readonly value: number;
  /** All bits that the driver set since the reset, before now. */
  readonly raised: number;
  /** All bits that the status was read with since the reset. */
  readonly shown: number;
  /** The status was written after FAILED, which another rule reports. */
  readonly revived: boolean;
  /** The driver has reset the device since power came on. */
  readonly resetSeen: boolean;
  /** The device was not used since the last reset; and the status was read as 0. */
  readonly resetFresh: boolean;
  readonly resetRead: boolean;
  readonly offerRead: boolean;
  readonly featuresWritten: boolean;
  /** Which of 32 features are written, and those among them that the device did not offer. */
  readonly features: number;
  readonly unoffered: number;
  readonly offered: BitSet;
  readonly accepted: BitSet;
  /** A queue was given memory, even if it does not exist. */
  readonly anyQueue: boolean;
  /** The queue that is set up or kicked: `transmit queue 1 (queue 1)` */
  readonly queueName: string;
  /** The queue was reset by itself, which it may be while the device runs. */
  readonly again: boolean;
  /** The accesses at which evidence begins. */
  readonly resetAt: Mark;
  readonly statusAt: Mark;
  readonly offerAt: Mark;
}

/**
 * `reset`: 0 is written to the status; `status`: another value is. `used`: any access but a read of the status or a
 * reset. `features`: 32 features are written. `live`: DRIVER_OK is set. `placed`: a queue gets its memory. `kicked`: a
 * queue is kicked.
 */
export type InitMoment = 'reset' | 'status' | 'used' | 'features' | 'live' | 'placed' | 'kicked';
