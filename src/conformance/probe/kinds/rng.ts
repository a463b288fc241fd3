import { virtioRngDriver } from '../../../guest/index.ts';
import type { ProbedKind } from './kind.ts';

const SHOWN_BYTES = 8;

export const randomKind = {
  function: { what: 'entropy', driver: virtioRngDriver },
  rows: (seen) =>
    seen.map((bytes) => [
      'rng',
      `${bytes.length} bytes`,
      Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex'),
    ]),
  json: () => ({}),
} satisfies ProbedKind<'random', Uint8Array>;
