import { play } from '../run/score.ts';
import type { Found, Totals } from '../run/totals.ts';
import { alike } from '../run/totals.ts';
import { least } from './shorten.ts';

/** An error occurs in the named operation; growing memory shows only after many episodes. */
const NAMED = /^threw|stay in use|process would have ended/;

/** Finds the shortest beginning of its episode that reproduces each failure. */
export function pinDown(totals: Totals): void {
  for (const [kind, found] of totals.failures)
    if (!NAMED.test(found.what)) totals.failures.set(kind, { ...found, op: shortest(found) });
}

function shortest({ what, seed, episode, op }: Found): number {
  return least(op, (ops) => {
    const [one, other] = [0, 1].map(() => play({ seed, episode, ops }, [], { digest: true }));
    return alike(one!.run.failure?.what, what) || one!.digest !== other!.digest;
  });
}
