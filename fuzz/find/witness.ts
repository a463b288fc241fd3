import { MisuseError } from '../../src/index.ts';
import type { Op } from '../run/op.ts';
import type { Run } from '../run/run.ts';
import { alike } from '../run/totals.ts';
import type { Setup } from '../setup/setup.ts';
import { perform } from './perform.ts';

/** An operation that takes longer is worth keeping as slow. */
const SLOW_MS = 20;
/** Times of a host vary: this fraction of the time counts as equally slow. */
const SHARE = 0.5;

/** The result of a run: a failure, or else a slow operation. */
export interface Witness {
  readonly about: string;
  /** Time of the slowest operation. */
  readonly ms: number;
  /** Whether these operations reproduce it. */
  readonly shownBy: (setup: Setup, ops: readonly Op[]) => boolean;
}

/** Null without a failure. */
export function witnessOf({ failure, slowest }: Run): Witness | null {
  const worst = [...slowest.byKind.values()].sort((a, b) => b.ms - a.ms)[0];
  const ms = worst?.ms ?? 0;
  if (failure !== null) {
    const { what } = failure;
    return { about: what, ms, shownBy: (setup, ops) => alike(tried(setup, ops)?.failure?.what, what) };
  }
  if (worst === undefined || ms < SLOW_MS) return null;
  return {
    about: `${worst.kind} is slow`,
    ms,
    shownBy: (setup, ops) => (tried(setup, ops)?.slowest.byKind.get(worst.kind)?.ms ?? 0) > ms * SHARE,
  };
}

/** Null for an invalid setup. */
function tried(setup: Setup, ops: readonly Op[]): Run | null {
  try {
    return perform(setup, ops).run;
  } catch (error) {
    if (error instanceof MisuseError) return null;
    throw error;
  }
}
