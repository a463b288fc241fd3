import { SUITE } from '../../src/conformance/scenarios/index.ts';
import type { SuiteScenario } from '../../src/conformance/scenarios/scenario.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`npm run docs\` from the rows in \`src/conformance/scenarios\`; a test compares.

\`conform\` and \`guestrig conform\` run a driver in all of them, in this order, with each seed; \`scenarios\` and \`--scenario\` choose
some by their names. Each name ends the sentence "the driver meets …".

"Provokes" lists clauses that a driver reaches in the scenario and not on a machine where nothing happens. What a scenario "needs" is in
the model's \`use\`: without it the scenario is skipped, and the report says of how many. A model has \`drivers\` if anything but the
enumeration is its own. One that needs \`virtio\`, \`drivers\` or a use of frames and blocks does not concern a model without PCI
functions; one that needs \`serial\`, \`print\` or \`key\` is for models with one of these two uses. What does not concern a model is not
played, and not spoken of. A scenario that is played "once" does not depend on the seed: of several seeds only the first is played.

\`guestrig conform --on qemu\` plays those marked [on QEMU](../ci.md#on-qemu). The others need the far end of a device (its network, disk
or serial line), which QEMU does not give to us.`;

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
