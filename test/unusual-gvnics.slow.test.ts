import { describe, expect, test } from 'vitest';
import { fails, judge } from '../src/conformance/index.ts';
import { gceC3, type MachineOptions } from '../src/index.ts';
import type { Unusual } from './unusual/drivers.ts';
import { DQO_CARDS, GQI_CARDS } from './unusual/gvnics.ts';

const GOOGLE = 0x1ae0;
const GVNIC = 0x0042;
type Card = NonNullable<NonNullable<MachineOptions['nics']>[number]['gvnic']>;
const CARDS: readonly (readonly [string, Card])[] = [
  ['as it is', {}],
  ['whose commands take a while', { commandLatency: [1000, 5_000_000], resetTime: 2_000_000 }],
  ['that hands out other doorbells and counters', { indexShift: 100 }],
  ['that completes later, in any order', { completions: { latency: [1000, 90_000] } }],
];

function judged({ name, run }: Unusual, gvnic: Card) {
  const driver = {
    name,
    matches: ({ vendor, device }: { readonly vendor: number; readonly device: number }) =>
      vendor === GOOGLE && device === GVNIC,
    attach: (_port: unknown, bdf: number) => bdf,
  };
  const { stopped, verdicts } = judge(
    { name, drivers: [driver], run: (port, [bdf], machine) => run({ port, bdf, use: {} }, machine) },
    { machine: () => gceC3({ memory: { below4G: 64 << 20 }, nics: [{ type: 'gvnic', gvnic }] }) },
  );
  return {
    stopped,
    failing: verdicts.filter(fails).map(({ clause, findings }) => `${clause}: ${findings[0]!.said}`),
  };
}

describe.each(CARDS)('a good driver as other projects have it, of a gVNIC %s', (_, gvnic) => {
  test.each([...GQI_CARDS, ...DQO_CARDS].map((unusual) => [unusual.name, unusual] as const))(
    '%s',
    (_name, unusual) => {
      expect(judged(unusual, gvnic)).toEqual({ stopped: null, failing: [] });
    },
  );
});
