import { SUITE } from '../../src/conformance/scenarios/index.ts';
import type { SuiteScenario } from '../../src/conformance/scenarios/scenario.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`docs/generate.ts\` from the rows in
\`src/conformance/scenarios\`; a test compares. Change a row, then run \`npm run docs\`.

\`conform\` and \`guestrig conform\` put a driver through all of them, in this order, with each seed; \`scenarios\` and \`--scenario\` choose
some by their names. Each ends the sentence "the driver meets …".

"Provokes" are clauses that a driver comes by there and not on a machine where nothing happens. What a scenario "needs" is in the
model's \`use\`: without it the scenario is skipped, and the report says so; \`drivers\` a model has if anything but the enumeration is
its own. "Once" is what the seed changes nothing in: of several
seeds it is played with the first.

Those "on QEMU" \`guestrig conform --on qemu\` plays, [there](command-line.md#on-qemu); of the rest QEMU has not what happens at a machine's
other end.`;

const HEAD = ['Scenario', 'Why', 'Provokes', 'Interfaces', 'Needs', 'Played', 'On QEMU'];
const INTERFACES: readonly NonNullable<MachineOptions['virtio']>[] = ['legacy', 'transitional', 'modern'];

export async function scenariosPage(): Promise<string> {
  return page(['# Scenarios', INTRODUCTION, table([HEAD, ...SUITE.map(cells)])]);
}

function cells({ name, why, provokes = [], applies, needs = [], once, elsewhere }: SuiteScenario): string[] {
  const behind = INTERFACES.filter((virtio) => applies?.({ virtio }) ?? true);
  return [
    name,
    why,
    provokes.map(code).join(', '),
    behind.length === INTERFACES.length ? 'all' : behind.join(', '),
    needs.map(code).join(', '),
    once ? 'once' : 'with each seed',
    elsewhere === undefined ? '' : 'yes',
  ];
}
