import { bytesText } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/** What the rules know of a buffer for random bytes. */
export interface RngKnows extends Knows {
  readonly readable: number;
  readonly writable: number;
}

export type RngMoment = 'asked';

/** Rules for a driver of the entropy device. */
export const RNG = {
  'virtio/RNG-OP-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Entropy Device, Device Operation',
    text: 'No buffer in the requestq is for the device to read',
    advice: 'Set WRITE in every descriptor: the device has nothing to read.',
    on: 'asked',
    kept: (k) => k.readable === 0,
    said: (k) => `a buffer has ${bytesText(k.readable)} for the device to read, and ${k.writable} to write`,
  },
} as const satisfies Rules<RngKnows, RngMoment>;
