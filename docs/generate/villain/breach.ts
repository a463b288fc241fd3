import type { ClauseId } from '../../../src/rules/index.ts';

/** What a test of virtio-villain does to its device, and the clause that names it; or why there is none. */
export interface Breach {
  /** Its number and name there, or its number alone: `T0001 desc_chain_loop`. */
  readonly test: string;
  readonly what: string;
  readonly clause: ClauseId | null;
  /** Why there is none, or what else is to be said. */
  readonly why: string;
  /** A driver's breach, of which nobody here is told all the same. */
  readonly silent: boolean;
}

/** No breach of a driver's: the test asks whether the device does what it must. */
export const GOOD = 'no breach: a good driver does it, and the test looks at the device';
/** Nothing is forbidden. */
export const ALLOWED = 'no breach';

/** Of a queue that is enabled already. */
export const TWICE = 'no breach: 0 is what may not be written to queue_enable, not a second 1';

/** A row: what is given last is the clause, or a reason in words. */
export function breach(test: string, what: string, clauseOrWhy: ClauseId | string, why = ''): Breach {
  const isClause = /^[a-z]+\/[A-Z0-9-]+$/.test(clauseOrWhy);
  return isClause
    ? { test, what, clause: clauseOrWhy as ClauseId, why, silent: false }
    : { test, what, clause: null, why: clauseOrWhy, silent: false };
}

/** A row of a breach that no clause names. */
export function silent(test: string, what: string, why: string): Breach {
  return { test, what, clause: null, why, silent: true };
}

/** The number of a test: `T0001`. */
export function numberOf({ test }: Breach): string {
  return test.split(' ')[0]!;
}
