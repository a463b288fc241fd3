import { severityOf } from '../core/rule.ts';
import { CLAUSES } from '../rules/index.ts';
import { renderFinding } from './finding.ts';
import type { ConformVerdict } from '../conformance/suite/conformance.ts';
import { type Place, placeOf, placeOfError } from './place.ts';
import {
  circumstances,
  companionsOf,
  type Stop,
  type Summary,
  stoppedIn,
  stopsOf,
  unplayedText,
} from '../conformance/report/suite-report.ts';

/** Our rule in addition to the clauses: a driver finished a scenario. */
const STOPPED = 'guestrig/STOPPED';
/** SARIF 2.1.0, 3.27.10, the level of a breach. */
const LEVELS = { must: 'error', should: 'warning', note: 'note' } as const;
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The report as a log of SARIF 2.1.0: clauses are its rules, findings its results. */
export function conformanceSarif({ report, root }: Summary, version: string) {
  const rules = [...report.verdicts.map(ruleOf), stopRule()];
  const results = [
    ...report.verdicts.flatMap((verdict, i) => resultsOf(verdict, i, { report, root })),
    ...stopsOf(report).map((stop) => stopResult(stop, rules.length - 1, root)),
  ];
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'guestrig', semanticVersion: version, rules } },
        automationDetails: { id: `guestrig/${report.profile}/${report.model}` },
        invocations: [invocationOf(report)],
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
}

/** Whether the suite was played to its end, regardless of the driver's result. */
function invocationOf(report: Summary['report']) {
  const text = unplayedText(report);
  return {
    executionSuccessful: true,
    ...(text === null ? {} : { toolExecutionNotifications: [{ level: 'warning', message: { text } }] }),
  };
}

function ruleOf({ clause }: ConformVerdict) {
  const { text, advice, where, strength } = CLAUSES[clause];
  return {
    id: clause,
    shortDescription: { text: `${text}.` },
    help: { text: `${advice}\n${where}` },
    defaultConfiguration: { level: LEVELS[severityOf(strength)] },
  };
}

function stopRule() {
  return {
    id: STOPPED,
    shortDescription: { text: 'A driver comes to the end of every scenario.' },
    help: { text: 'It threw, did nothing, or would not end.' },
    defaultConfiguration: { level: LEVELS.must },
  };
}

/** A result for each finding, with the clauses tied to it; one for a clause that was required and not reached. */
function resultsOf(
  verdict: ConformVerdict,
  ruleIndex: number,
  { report, root }: Pick<Summary, 'report' | 'root'>,
) {
  const { clause, outcome, findings, note, under } = verdict;
  if (under !== null) return [];
  if (outcome !== 'fail' && outcome !== 'waived') return [];
  const rule = { ruleId: clause, ruleIndex };
  if (findings.length === 0) return [{ ...rule, level: LEVELS.must, message: { text: note! } }];
  const suppressed =
    outcome === 'waived' ? { suppressions: [{ kind: 'external', justification: note! }] } : {};
  const about = [circumstances(verdict, report), ...companionsOf(verdict, report)].join('\n');
  return findings.map((finding) => ({
    ...rule,
    level: LEVELS[finding.severity],
    message: { text: `${renderFinding(finding)}\n\n${about}` },
    ...locationsOf(placeOf(finding.stack, root)),
    ...suppressed,
  }));
}

function stopResult(stop: Stop, ruleIndex: number, root: string) {
  const place = placeOfError(stop.runs[0]!.stopped, root);
  return {
    ruleId: STOPPED,
    ruleIndex,
    level: LEVELS.must,
    message: { text: `${stop.said}\n${stoppedIn(stop)}` },
    ...locationsOf(place),
  };
}

function locationsOf(place: Place | null) {
  if (place === null) return {};
  const { file, line, column } = place;
  const artifactLocation = file.startsWith('/')
    ? { uri: encodeURI(`file://${file}`) }
    : { uri: encodeURI(file), uriBaseId: '%SRCROOT%' };
  return {
    locations: [{ physicalLocation: { artifactLocation, region: { startLine: line, startColumn: column } } }],
  };
}
