import { checkFunction, checkObject } from '../core/checks.ts';
import type { Driver, DriverModel, FoundFunction } from '../core/driver.ts';
import { enumerate } from '../guest/pci/enumerate.ts';
import { gceN1 } from '../machine/gce-n1.ts';
import type { Machine } from '../machine/machine.ts';
import { checkMachine, checkModel, checkText } from './checks.ts';
import { judgeEnumeration } from './enumeration.ts';
import { referenceDrivers } from './reference.ts';
import { checkWaivers, type Verdict, verdictsOf, type Waivers } from './verdict.ts';

/** What a driver model is judged on, and what may be left out of account. */
export interface JudgeOptions {
  /** The machine to judge on, fresh. Default `gceN1()`. It is closed afterwards. */
  readonly machine?: () => Machine;
  readonly waive?: Waivers;
  /** What the model is put through, by name: verdicts carry it. */
  readonly scenario?: string;
  /** What happens at the machine's other end; `use` uses the model's drivers. Default: `use` once. */
  readonly act?: (machine: Machine, use: () => void) => void;
}

/** What became of a driver model. */
export interface Judgement {
  readonly model: string;
  readonly found: readonly FoundFunction[];
  readonly verdicts: readonly Verdict[];
  /** What the model threw, if it did not come to its end. */
  readonly stopped: unknown;
}

/**
 * Runs a driver model on a machine and says which clauses it kept and broke. A model may bring its own
 * enumeration, drivers or use of them; what it lacks is ours. What it throws is caught and told in `stopped`.
 *
 * @example
 * const judgement = judge({ name: 'mine', drivers: [myNet], run: (port, [nic]) => nic.send(frame) });
 * judgement.verdicts.filter(fails);       // the clauses it broke
 * judge(mine, { waive: { 'virtio/PCI-ISR-D1': 'one handler serves both modes' } });
 *
 * @throws MisuseError for a waiver of a clause that does not exist, and for a model or an option of another type.
 */
export function judge(model: DriverModel, options: JudgeOptions = {}): Judgement {
  checkModel(model);
  checkOptions(options);
  const machine = (options.machine ?? gceN1)();
  checkMachine('judge.machine', machine);
  let found: readonly FoundFunction[] = [];
  let stopped: unknown = null;
  try {
    found = (model.enumerate ?? enumerate)(machine.port);
    judgeEnumeration(found, machine);
    const handles = attach(model.drivers ?? referenceDrivers(), found, machine);
    const use = () => model.run?.(machine.port, handles);
    if (options.act === undefined) use();
    else options.act(machine, use);
  } catch (error) {
    stopped = error;
  }
  const verdicts = verdictsOf(machine.journal, options.waive, options.scenario);
  machine.close();
  return { model: model.name, found, verdicts, stopped };
}

function attach(
  drivers: readonly Driver<unknown>[],
  found: readonly FoundFunction[],
  machine: Machine,
): unknown[] {
  return found.flatMap(({ bdf, id }) => {
    const driver = drivers.find((candidate) => candidate.matches(id));
    return driver === undefined ? [] : [driver.attach(machine.port, bdf)];
  });
}

function checkOptions(options: JudgeOptions): void {
  checkObject('options', options);
  checkWaivers(options.waive);
  if (options.machine !== undefined) checkFunction('options.machine', options.machine);
  if (options.act !== undefined) checkFunction('options.act', options.act);
  if (options.scenario !== undefined) checkText('options.scenario', options.scenario);
}
