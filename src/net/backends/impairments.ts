import type { Nanos } from '../../core/bits.ts';
import { checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';

/** What a bad wire does, each way. Chances are from 0 to 1, each frame's for itself. */
export interface Impairments {
  /** Of the random choices, a whole number. Default 1. */
  readonly seed?: number;
  /** The chance that a frame is lost. Default 0. */
  readonly loss?: number;
  /** That it comes twice. Default 0. */
  readonly duplicate?: number;
  /** That one of its bits is turned. Default 0. */
  readonly corrupt?: number;
  /** That it is held back, so that those behind it overtake it. Default 0. */
  readonly reorder?: number;
  /** How long it is held back then. Default 1 ms. */
  readonly heldBack?: Nanos;
  /** How long every frame takes. Default 0. */
  readonly delay?: Nanos;
  /** Up to how much longer, by chance; frames overtake each other by it. Default 0. */
  readonly jitter?: Nanos;
  /** Bits a second; frames wait for their turn. Default without end. */
  readonly rate?: number;
}

const CHANCES = ['loss', 'duplicate', 'corrupt', 'reorder'] as const;
const TIMES = ['heldBack', 'delay', 'jitter'] as const;

export function checkImpairments(given: Impairments): void {
  checkObject('impaired', given);
  for (const name of CHANCES) {
    const { [name]: chance = 0 } = given;
    if (!(typeof chance === 'number' && chance >= 0 && chance <= 1))
      throw new MisuseError(`impaired.${name}`, chance, 'a chance from 0 to 1');
  }
  for (const name of TIMES) {
    const { [name]: time = 0 } = given;
    if (!(typeof time === 'number' && time >= 0 && Number.isFinite(time)))
      throw new MisuseError(`impaired.${name}`, time, 'a number of nanoseconds from 0');
  }
  const { rate = 1, seed = 1 } = given;
  if (!(typeof rate === 'number' && rate > 0)) throw new MisuseError('impaired.rate', rate, 'bits a second');
  if (!Number.isInteger(seed)) throw new MisuseError('impaired.seed', seed, 'a whole number');
}
