import type { Op } from '../run/op.ts';
import type { Setup } from '../setup/setup.ts';

/** A run worth keeping: as a file of the corpus, it does not depend on the fuzzer's choices. */
export interface Case {
  /** Why it was kept. */
  readonly about: string;
  /** Maximum milliseconds of each of its operations. */
  readonly within: number;
  readonly setup: Setup;
  readonly ops: readonly Op[];
}
