import type { ClauseId } from '../../../src/rules/index.ts';

/** What a test of virtio-villain does to its device, and the clause that names it; or why there is none. */
export interface Breach {
  /** Its number and name there: `T0001 desc_chain_loop`. */
  readonly test: string;
  readonly what: string;
  readonly clause: ClauseId | null;
  /** Why there is none, or what else is to be said. */
  readonly why: string;
}

/** No breach of a driver's: the test asks whether the device does what it must. */
export const GOOD = 'no breach: a good driver does it, and the test looks at the device';
/** Nothing is forbidden. */
export const ALLOWED = 'no breach';

/** A row: what is given last is the clause, or a reason in words. */
export function breach(test: string, what: string, clauseOrWhy: ClauseId | string, why = ''): Breach {
  const isClause = /^[a-z]+\/[A-Z0-9-]+$/.test(clauseOrWhy);
  return isClause
    ? { test, what, clause: clauseOrWhy as ClauseId, why }
    : { test, what, clause: null, why: clauseOrWhy };
}
