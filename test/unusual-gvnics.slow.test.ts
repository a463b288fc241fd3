import { describe, expect, test } from 'vitest';
import type { PciId } from '../src/guest/index.ts';
import { gceC3, type MachineOptions } from '../src/index.ts';
import { DQO_CARDS, GQI_CARDS } from './unusual/gvnics.ts';
import { judged } from './unusual/judged.ts';

const isGvnic = ({ vendor, device }: PciId) => vendor === 0x1ae0 && device === 0x0042;
type Card = NonNullable<NonNullable<MachineOptions['nics']>[number]['gvnic']>;
const CARDS: readonly (readonly [string, Card])[] = [
  ['as it is', {}],
  ['whose commands take a while', { commandLatency: [1000, 5_000_000], resetTime: 2_000_000 }],
  ['that hands out other doorbells and counters', { indexShift: 100 }],
  ['that completes later, in any order', { completions: { latency: [1000, 90_000] } }],
];

describe.each(CARDS)('a good driver as other projects have it, of a gVNIC %s', (_, gvnic) => {
  test.each([...GQI_CARDS, ...DQO_CARDS].map((unusual) => [unusual.name, unusual] as const))(
    '%s',
    (_name, unusual) => {
      const machine = () => gceC3({ memory: { below4G: 64 << 20 }, nics: [{ type: 'gvnic', gvnic }] });

      expect(judged(unusual, isGvnic, machine)).toEqual({ stopped: null, failing: [] });
    },
  );
});
