import { virtioNetDriver } from '../../../guest/index.ts';
import type { GatheredNic } from '../other-end/net.ts';
import type { PartReport } from './part-report.ts';

export const nicReport = {
  function: { what: 'network', driver: virtioNetDriver },
  rows: (seen) => seen.map(({ facts }) => ['net', facts.mac, facts.features.join(' ')]),
  json: (seen: readonly GatheredNic[]) => ({
    nics: seen.map(({ facts: { mac, features } }) => ({ mac, features })),
  }),
} satisfies PartReport<GatheredNic>;
