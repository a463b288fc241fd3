import type { ProbeErrand } from '../guest/index.ts';
import type { Machine } from '../machine/machine.ts';
import { GCE } from '../rules/gce/gce.ts';
import { tellRules } from '../rules/told.ts';
import { checkErrand, checkMachine } from './checks.ts';
import { judgeEnumeration } from './enumeration.ts';
import { type Gathered, gather } from './gather.ts';
import { factsOf, type RequirementLine, requirementLines } from './requirements.ts';
import { fails, type Verdict, verdictsOf } from './verdict.ts';

/** What the reference guest found in a machine, and what that is worth. */
export interface ProbeReport {
  readonly machine: Machine;
  readonly seen: Gathered;
  readonly requirements: readonly RequirementLine[];
  /** Of the rules for drivers; those of the document are in `requirements`. */
  readonly verdicts: readonly Verdict[];
  /** A requirement or a rule is broken. */
  readonly failed: boolean;
}

/**
 * Lets the reference guest walk a machine and use each part, and holds what it found against the profile and the
 * Compute Engine document.
 *
 * @example
 * const report = probeMachine(gceN1({ nics: [{ backend: 'loopback' }] }), { text: 'hello', frames: [] });
 * report.requirements.filter(({ outcome }) => outcome === 'fail');
 * console.log(renderReport(report, { color: false }));
 *
 * @throws MisuseError for what is no machine, or an open one no more, and for an errand that no NIC could run.
 */
export function probeMachine(machine: Machine, errand: ProbeErrand): ProbeReport {
  checkMachine('probe.machine', machine);
  checkErrand(errand);
  const seen = gather(machine, errand);
  judgeEnumeration(seen.functions, machine);
  const facts = factsOf(seen, machine);
  tellRules(machine.journal, { of: 'gce', what: facts });
  const all = verdictsOf(machine.journal);
  const requirements = requirementLines(facts, all);
  const verdicts = all.filter(({ clause }) => !(clause in GCE));
  const failed = verdicts.some(fails) || requirements.some(({ outcome }) => outcome === 'fail');
  return { machine, seen, requirements, verdicts, failed };
}
