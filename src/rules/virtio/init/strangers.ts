import type { BitSet } from '../../../core/bit-set.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

const WHERE = 'virtio 1.4, Feature Bits';
const ADVICE = 'Mask what is offered with what the driver knows, and look at nothing else of it.';
const BITS = 128;

/**
 * What the rules know of a driver that meets bits which mean nothing. Twice before it met the same device without them, took
 * the same features each time, and set DRIVER_OK.
 */
export interface StrangerKnows extends Knows {
  /** What it takes now, bits that mean nothing left out, and what it took before. */
  readonly takes: BitSet;
  readonly took: BitSet;
  /** It did not come to DRIVER_OK. */
  readonly gaveUp: boolean;
}

type StrangerMoment = 'agreed' | 'done';

/** Bits that nobody knows change nothing. */
export const STRANGERS = {
  'virtio/FEAT-D4': {
    strength: 'MUST',
    where: WHERE,
    text: 'Bits that are unknown, reserved or of another device type are ignored',
    advice: ADVICE,
    on: 'agreed',
    kept: (k) => differing(k) === undefined,
    said: (k) =>
      `feature ${differing(k)} was ${k.takes.has(differing(k)!) ? 'accepted' : 'left'} where bits that mean nothing are offered, and ${k.took.has(differing(k)!) ? 'accepted' : 'left'} where not`,
  },
  'virtio/FEAT-D11': {
    strength: 'MUST NOT',
    where: WHERE,
    text: 'A driver does not fail only because a feature was offered that it does not know',
    advice: ADVICE,
    on: 'done',
    kept: (k) => !k.gaveUp,
    said: () =>
      'the driver did not come to DRIVER_OK, as it does where no bits are offered that mean nothing',
  },
} as const satisfies Rules<StrangerKnows, StrangerMoment>;

/** A feature that is taken now and was not before, or the other way round. */
function differing({ takes, took }: StrangerKnows): number | undefined {
  for (let bit = 0; bit < BITS; bit++) if (takes.has(bit) !== took.has(bit)) return bit;
  return undefined;
}
