import type { Nanos } from '../../core/bits.ts';
import { checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';

/** Impairments of a wire, for each direction. Chances are from 0 to 1, for each frame independently. */
export interface Impairments {
  /** Seed of the random choices, a whole number. Default 1. */
  readonly seed?: number;
  /** The chance that a frame is lost. Default 0. */
  readonly loss?: number;
  /** The chance that it is delivered twice. Default 0. */
  readonly duplicate?: number;
  /** The chance that one of its bits is flipped. Default 0. */
  readonly corrupt?: number;
  /** The chance that it is held back, so that later frames overtake it. Default 0. */
  readonly reorder?: number;
  /** For how long it is then held back. Default 1 ms. */
  readonly heldBack?: Nanos;
  /** Delay of every frame. Default 0. */
  readonly delay?: Nanos;
  /** Maximum of an additional random delay; it can reorder frames. Default 0. */
  readonly jitter?: Nanos;
  /** Bits per second; frames wait for transmission. Default unlimited. */
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
