import { Random } from '../../core/random.ts';
import type { Lie } from './lie.ts';

/** Chances that a lie of a ring may be let pass before it is told, by the seed. */
const LATEST = 4;

/** A lie as it is told in one run: when, and how often it was. */
export class ActiveLie {
  readonly lie: Lie;
  readonly random: Random;
  told = 0;
  private readonly from: number;
  private chances = 0;

  /** @param seed with 1, it is told at the first chance. */
  constructor(lie: Lie, seed: number) {
    this.lie = lie;
    this.random = new Random(seed);
    this.from = (seed - 1) & (LATEST - 1);
  }

  /** At a chance: whether it is time to tell it. Once told, that is so always, or, with an even seed, now and then. */
  isDue(): boolean {
    const isLater = this.chances++ >= this.from;
    return isLater && (this.told === 0 || this.random.seed % 2 === 1 || this.random.below(2) === 0);
  }

  /** Counts it, if it was told. */
  tell(isTold: boolean): void {
    if (isTold) this.told++;
  }
}
