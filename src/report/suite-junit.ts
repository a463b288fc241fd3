import { type JunitCase, junitXml } from './junit.ts';
import { CLAUSES } from '../rules/index.ts';
import { renderFinding } from './finding.ts';
import { type Conformance, type ConformVerdict, isFailure } from '../conformance/suite/conformance.ts';
import type { SkippedScenario } from '../conformance/suite/skipped.ts';
import { placeOf, placeText } from './place.ts';
import {
  circumstances,
  companionsOf,
  isNoted,
  type Summary,
  scenariosOf,
  UNPLAYED,
  underText,
} from '../conformance/report/suite-report.ts';

/**
 * A suite for each family of clauses, a case for each clause; and a suite of the scenarios, which the driver finished or
 * not.
 */
export function conformanceJunit({ report, root }: Summary): string {
  const { model, verdicts, skipped } = report;
  const families = new Set(verdicts.map(familyOf));
  const suites = [...families].map((title) => ({
    title,
    cases: verdicts
      .filter((verdict) => familyOf(verdict) === title)
      .map((one) => clauseCase(one, report, root)),
  }));
  const ends = scenariosOf(report).map((scenario) => scenarioCase(scenario, report));
  return junitXml(model, [{ title: 'scenarios', cases: [...ends, ...skipped.map(skippedCase)] }, ...suites]);
}

function familyOf({ clause }: ConformVerdict): string {
  return clause.split('/')[0]!;
}

function clauseCase(verdict: ConformVerdict, report: Conformance, root: string): JunitCase {
  const { clause, outcome, note, findings, met, under } = verdict;
  const name = `${clause} ${CLAUSES[clause].text}`;
  const grounds = findings.length === 0 ? '' : groundsOf(verdict, report, root);
  if (under !== null) return { name, outcome: 'skip', said: underText(under), grounds };
  if (isFailure(verdict)) return { name, outcome: 'fail', said: note ?? findings[0]!.said, grounds };
  if (outcome === 'pass') return { name, outcome: 'pass', said: `met ${met} times`, grounds };
  if (isNoted(verdict)) return { name, outcome: 'skip', said: findings[0]!.said, grounds };
  return { name, outcome: 'skip', said: note ?? 'not reached', grounds };
}

function groundsOf(verdict: ConformVerdict, report: Conformance, root: string): string {
  const told = verdict.findings.map((finding) => {
    const place = placeOf(finding.stack, root);
    return `${renderFinding(finding)}${place === null ? '' : `\n  at ${placeText(place)}`}`;
  });
  return [...told, ...companionsOf(verdict, report), circumstances(verdict, report)].join('\n\n');
}

function skippedCase({ scenario, reason }: SkippedScenario): JunitCase {
  return { name: scenario, outcome: 'skip', said: reason, grounds: '' };
}

function scenarioCase(name: string, { runs, stopped }: Summary['report']): JunitCase {
  const played = runs.filter(({ scenario }) => scenario === name);
  const failed = stopped.filter(({ scenario }) => scenario === name);
  if (played.length === 0) return { name, outcome: 'skip', said: `not played: ${UNPLAYED}`, grounds: '' };
  if (failed.length === 0)
    return { name, outcome: 'pass', said: `played ${played.length} times`, grounds: '' };
  const [{ stopped: thrown }] = failed as [(typeof failed)[number]];
  const grounds = failed.map((run) => `seed ${run.seed}: ${run.stopped}`).join('\n');
  return { name, outcome: 'fail', said: String(thrown), grounds };
}
