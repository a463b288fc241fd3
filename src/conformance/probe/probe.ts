import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { version } from '../../core/version.ts';
import type { ProbeTask } from '../../guest/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { GCE } from '../../rules/gce/gce.ts';
import { judgeReport } from '../../rules/guest-report.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { RuleSet } from '../../rules/sets.ts';
import { checkMachine, checkTask } from '../checks.ts';
import { fails, type Verdict, verdictsBy } from '../verdict.ts';
import { type NameOptions, NameReader } from '../waivers.ts';
import { judgeEnumeration } from './enumeration.ts';
import { type Gathered, gather } from './gather.ts';
import type { ProbedMachine } from './probed-machine.ts';
import { factsOf, type RequirementLine, requirementLines } from './requirements.ts';

/** What the reference guest found in a machine, with verdicts. */
export interface ProbeReport<M extends ProbedMachine = Machine> {
  readonly machine: M;
  /** The version of guestrig that judged it, and the set of rules. */
  readonly guestrig: string;
  readonly rules: RuleSet;
  readonly seen: Gathered;
  readonly requirements: readonly RequirementLine[];
  /** Verdicts of the rules for drivers; those of the document are in `requirements`. */
  readonly verdicts: readonly Verdict[];
  /** A requirement or a rule is broken. */
  readonly failed: boolean;
}

/**
 * Lets the reference guest enumerate a machine and use each part, and compares what it found with the profile
 * and the Compute Engine document.
 *
 * @example
 * const report = probeMachine(gceN1({ nics: [{ backend: 'loopback' }] }), { text: 'hello', frames: [] });
 * report.requirements.filter(({ outcome }) => outcome === 'fail');
 * console.log(renderReport(report, { color: false }));
 *
 * @param options `rules` is the version by whose rules it is judged. Default: all.
 * @throws MisuseError for what is not a machine, or is a closed one, and for a task that no NIC could run.
 */
export function probeMachine(
  machine: Machine,
  task: ProbeTask,
  options: Pick<NameOptions, 'rules'> = {},
): ProbeReport {
  checkMachine('probe.machine', machine);
  checkTask(task);
  const { rules } = new NameReader(options);
  const seen = gather(machine, task);
  judgeEnumeration(seen.functions, machine);
  return report(machine, seen, machine.journal, rules);
}

/**
 * The same for a machine that is not ours. No guest is watched there: the rules for drivers are not reached.
 *
 * @param differs the reason why a line does not hold on the other machine; null if that is not the cause.
 */
export function probeElsewhere(
  machine: ProbedMachine,
  task: ProbeTask,
  differs: (clause: ClauseId) => string | null,
  options: Pick<NameOptions, 'rules'> = {},
): ProbeReport<ProbedMachine> {
  const { rules } = new NameReader(options);
  const seen = gather(machine, task);
  const journal = new Journal(machine, new AccessTrail(machine));
  const { requirements, ...rest } = report(machine, seen, journal, rules);
  const waived = requirements.map((line) => {
    const why = line.outcome === 'fail' ? differs(line.clause) : null;
    return why === null
      ? line
      : { ...line, outcome: 'waived' as const, said: `${line.said.trimEnd()}: ${why}` };
  });
  const failed = waived.some(({ outcome }) => outcome === 'fail');
  return { ...rest, requirements: waived, failed };
}

function report<M extends ProbedMachine>(
  machine: M,
  seen: Gathered,
  journal: Journal,
  rules: RuleSet,
): ProbeReport<M> {
  const facts = factsOf(seen, machine);
  judgeReport(journal, { of: 'gce', what: facts });
  const all = verdictsBy(journal, rules, []);
  const requirements = requirementLines(facts, all);
  const verdicts = all.filter(({ clause }) => !(clause in GCE));
  const failed = verdicts.some(fails) || requirements.some(({ outcome }) => outcome === 'fail');
  return { machine, guestrig: version(), rules, seen, requirements, verdicts, failed };
}
