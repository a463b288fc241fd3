import { checkFunction, checkObject } from '../../core/checks.ts';
import type { Driver, FoundFunction } from '../../core/driver.ts';
import { MisuseError } from '../../core/misuse.ts';
import { version } from '../../core/version.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { RuleSet } from '../../rules/sets.ts';
import { suspectedIn } from '../../rules/suspected.ts';
import {
  CONFORM_OPTIONS,
  checkHostTime,
  checkMachine,
  checkModel,
  checkNames,
  checkText,
} from '../checks.ts';
import { attempt, HOST_TIME, outcomeOf } from '../host/attempt.ts';
import type { DriverModel } from '../model/model.ts';
import { type Verdict, verdictsBy } from '../verdict.ts';
import { type NameOptions, NameReader, type Waivers } from '../waivers.ts';

/** The machine and the limits on which a driver model is judged, and its waivers. */
export interface JudgeOptions extends NameOptions {
  /** The machine to judge on, fresh. Default `gceN1()`. It is closed afterwards. */
  readonly machine?: () => Machine;
  /** Clauses that the model may break: each with the reason, or a list that says more. */
  readonly waive?: Waivers;
  /** The name of the scenario, which verdicts carry. */
  readonly scenario?: string;
  /** The actions at the machine's other end; `use` uses the model's drivers. Default: `use` once. */
  readonly act?: (machine: Machine, use: () => void) => void;
  /**
   * Milliseconds of a processor after which a driver is ended that makes no access meanwhile; one that computes for
   * longer needs more, and Infinity is no limit. Default 1000. A run that has not ended by then, though it makes accesses
   * or the host is busy, is repeated on another machine from `machine`, with more time.
   */
  readonly hostTime?: number;
}

const JUDGE_OPTIONS = {
  machine: true,
  waive: true,
  scenario: true,
  act: true,
  hostTime: true,
  rules: true,
  strict: true,
  today: true,
} as const satisfies Record<keyof JudgeOptions, true>;

/** The result of a driver model. */
export interface Judgement {
  readonly model: string;
  /** The version of guestrig that judged it, and the set of rules. */
  readonly guestrig: string;
  readonly rules: RuleSet;
  readonly found: readonly FoundFunction[];
  readonly verdicts: readonly Verdict[];
  /** The model's error, if it did not finish; null if it did. */
  readonly stopped: unknown;
  /** The clause that it may have stopped by, from what a device saw last: `virtio/VQ-AVSUP-D4: net0: …`; null for none. */
  readonly suspected: string | null;
  /** What is to be said of names of clauses that were given, and of waivers that ended: a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Runs a driver model on a machine and says which clauses it kept and broke. A model may bring its own enumeration,
 * drivers or use of them; guestrig supplies what it lacks. Its error is caught and returned in `stopped`, also if it did
 * nothing (`IdleModelError`) or would not end (`EndlessLoopError`, `HostTimeError`).
 *
 * @example
 * const judgement = judge(
 *   { name: 'mine', drivers: [myNet], run: (_port, [nic]) => nic.send(frame) },
 *   { waive: { 'virtio/PCI-ISR-D1': 'one handler serves both modes' } },
 * );
 * judgement.stopped;                      // what it threw, or null
 * judgement.verdicts.filter(fails);       // the clauses it broke
 * assertConforms(judgement);              // throws, if either is something
 *
 * All of it is done when it returns: an asynchronous model is refused, for a driver waits by `port.wait`.
 *
 * @throws MisuseError for a waiver without a reason, for a name of no clause if `strict` is set, for a machine that does not watch
 *   its guest, and for a model or an option of another type.
 */
export function judge<const D extends readonly Driver<unknown>[]>(
  model: DriverModel<D>,
  options: JudgeOptions = {},
): Judgement {
  const checked = checkModel(model);
  checkOptions(options);
  const { waive = {}, scenario, hostTime = HOST_TIME } = options;
  const names = new NameReader(options);
  const waivers = names.waivers('waive', waive);
  const { act = (_machine: Machine, use: () => void) => use() } = options;
  const machines = new Set<Machine>();
  return outcomeOf(hostTime, (effort) => {
    const machine = (options.machine ?? gceN1)();
    checkMachine('judge.machine', machine);
    if (machines.has(machine)) return null;
    machines.add(machine);
    return attempt(
      machine,
      checked,
      effort,
      (run, theirs) => {
        theirs(() => run.start());
        return act(machine, () => theirs(() => run.use()));
      },
      ({ found }, stopped) => {
        const { rules, warnings } = names;
        const verdicts = verdictsBy(machine.journal, rules, waivers, scenario);
        const suspected = stopped === null ? null : suspectedIn(machine.journal);
        const by = { model: model.name, guestrig: version(), rules };
        return { ...by, found, verdicts, stopped, suspected, warnings };
      },
    );
  });
}

function checkOptions(options: JudgeOptions): void {
  checkObject('options', options);
  for (const name of Object.keys(options))
    if (name in CONFORM_OPTIONS && !(name in JUDGE_OPTIONS))
      throw new MisuseError(`options.${name}`, name, '', 'judge is one run; conform plays the suite');
  checkNames(options, Object.keys(JUDGE_OPTIONS));
  if (options.machine !== undefined) checkFunction('options.machine', options.machine);
  if (options.act !== undefined) checkFunction('options.act', options.act);
  if (options.hostTime !== undefined) checkHostTime('options.hostTime', options.hostTime);
  if (options.scenario !== undefined) checkText('options.scenario', options.scenario);
}
