import { code, page, table } from './markdown.ts';
import type { Breach } from './villain/breach.ts';
import { PACKED_TESTS } from './villain/packed.ts';
import { VRING } from './villain/vring.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from the tables in \`docs/generate/villain\`; a test compares.

[virtio-villain](https://github.com/weltling/virtio-villain) is a driver that breaks one rule a test, and watches what the device makes of
it. guestrig is the other way round: it is the device, and tells the driver. Here stands for each of its tests of rings, by the names
that they have there, what is done in it and the clause by which a driver that does it hears of it; or why there is none. The
tests of split rings are numbered up to T0128; T0109, T0110, T0117 to T0120 and T0122 could not be looked at.

A slow test plays those that need no more than a ring, and expects the clause; the others are broken drivers of
\`src/conformance/broken\`, whom [the catalogue](clauses.md) names.`;

const GROUPS: readonly (readonly [title: string, rows: readonly Breach[]])[] = [
  ['Split rings', VRING],
  ['Packed rings', PACKED_TESTS],
];

export async function villainPage(): Promise<string> {
  const count = GROUPS.flatMap(([, rows]) => rows);
  const named = count.filter(({ clause }) => clause !== null).length;
  return page([
    "# virtio-villain's tests of rings",
    INTRODUCTION,
    `Of ${count.length} tests ${named} are a driver's breach with a clause.`,
    ...GROUPS.flatMap(([title, rows]) => [
      `## ${title}`,
      table([['Test', 'What the driver does', 'Clause', 'Why none, or what else'], ...rows.map(cells)]),
    ]),
  ]);
}

function cells({ test, what, clause, why }: Breach): string[] {
  return [code(test), what, clause === null ? '–' : code(clause), why];
}
