import { virtioRngDriver } from '../../../guest/index.ts';
import type { PartReport } from './part-report.ts';

const SHOWN_BYTES = 8;

export const randomReport = {
  function: { what: 'entropy', driver: virtioRngDriver },
  rows: (seen) =>
    seen.map((bytes) => [
      'rng',
      `${bytes.length} bytes`,
      Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex'),
    ]),
  json: () => ({}),
} satisfies PartReport<Uint8Array>;
