import type { Journal } from '../../../core/journal.ts';
import type { Clashes } from './clashes.ts';
import type { LentIndex } from './lent-index.ts';
import type { Moments } from './moments.ts';
import type { RingRam } from './ring-ram.ts';
import type { Shadows } from './shadows.ts';

/** What all rings of a machine share. */
export interface StoreParts {
  readonly journal: Journal;
  readonly ram: RingRam;
  readonly index: LentIndex;
  readonly clashes: Clashes;
  readonly split: Moments;
  readonly packed: Moments;
  /** Copies of chains, where a guest's stores are not seen. */
  shadows: Shadows | null;
}

/** The device and queue of a ring, and what was negotiated. */
export interface RingManners {
  /** `net0 queue 1`, for names of fields. */
  readonly name: string;
  /** `net0, transmit queue 1` */
  readonly subject: () => string;
  readonly inOrder: boolean;
  readonly eventIdx: boolean;
  /** The driver has interrupts of the queue served. */
  readonly isServed: () => boolean;
  /** The legacy interface is in use: used lengths are meaningless. */
  readonly legacy: boolean;
}
