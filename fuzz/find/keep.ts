import type { Op } from '../run/op.ts';
import { play, type Score } from '../run/score.ts';
import type { Setup } from '../setup/setup.ts';
import { shorten, simplify } from './shorten.ts';
import { witnessOf } from './witness.ts';

/** A run worth keeping: as a file of the corpus, it does not depend on the fuzzer's choices. */
export interface Case {
  /** Why it was kept. */
  readonly about: string;
  /** Maximum milliseconds of each of its operations. */
  readonly within: number;
  readonly setup: Setup;
  readonly ops: readonly Op[];
}

/** The allowed time of a kept case, as a multiple of its measured time, for any host. */
const MARGIN = 4;
const WITHIN_LEAST_MS = 50;

/**
 * Plays `score` and makes a case of its failure, shortened until `deadline`.
 *
 * @returns the reason if there is none.
 */
export function keep(score: Score, deadline: number): Case | string {
  const trace: Op[] = [];
  const { setup: played, run } = play(score, [], { trace, digest: true });
  const witness = witnessOf(run);
  if (witness === null) return 'nothing is wrong';
  if (!witness.shownBy(played, trace)) return 'it shows with the drivers only';
  const setup = simplify(played, (simpler) => witness.shownBy(simpler, trace));
  const ops = shorten(trace, (fewer) => witness.shownBy(setup, fewer), deadline);
  const { about, ms } = witness;
  return { about, within: Math.max(WITHIN_LEAST_MS, Math.ceil(ms * MARGIN)), setup, ops };
}

/** In the format of the corpus: one operation per line. */
export function caseText({ ops, ...head }: Case): string {
  const lines = ops.map((op) => `    ${JSON.stringify(op)}`).join(',\n');
  const text = JSON.stringify(head, null, 2);
  return `${text.slice(0, -2)},\n  "ops": [\n${lines}\n  ]\n}\n`;
}
