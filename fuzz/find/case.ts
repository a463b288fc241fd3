import type { Op } from '../run/op.ts';
import type { Setup } from '../setup/setup.ts';

/** A run that is worth keeping: as a file of the corpus, it does not depend on how the fuzzer chooses. */
export interface Case {
  /** What it was kept for. */
  readonly about: string;
  /** Milliseconds that none of its operations may take. */
  readonly within: number;
  readonly setup: Setup;
  readonly ops: readonly Op[];
}
