import { severityOf } from '../core/rule.ts';
import { version } from '../core/version.ts';
import { clauseUrl } from './clause-page.ts';
import { findingText } from './finding.ts';
import { type Place, placeOf } from './place.ts';
import { type Report, type RuleLine, ruleLines, type Stop, stopText } from './report.ts';

/** Our rule in addition to those of the lines: a driver finished a scenario. */
const STOPPED = 'guestrig/STOPPED';
/** SARIF 2.1.0, 3.27.10, the level of a breach. */
const LEVELS = { must: 'error', should: 'warning', note: 'note' } as const;
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The report as a log of SARIF 2.1.0: clauses are its rules, findings its results. */
export function sarif(report: Report) {
  const lines = ruleLines(report);
  const rules = [...lines.map(ruleOf), stopRule()];
  const results = [
    ...lines.flatMap((line, i) => resultsOf(line, i, report.root)),
    ...report.stops.map((stop) => stopResult(stop, lines.length)),
  ];
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'guestrig', semanticVersion: version(), ...setOf(report), rules } },
        automationDetails: { id: `guestrig/${report.profile}/${report.name}` },
        invocations: [invocationOf(report)],
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
}

/** The set of rules is none of SARIF's own properties. */
function setOf({ rules }: Report) {
  return rules === null ? {} : { properties: { rules } };
}

/** Whether all was played to its end, regardless of the driver's result. */
function invocationOf({ unplayed, warnings }: Report) {
  const told = [...(unplayed === null ? [] : [unplayed]), ...warnings].map((text) => ({
    level: 'warning',
    message: { text },
  }));
  return {
    executionSuccessful: true,
    ...(told.length === 0 ? {} : { toolExecutionNotifications: told }),
  };
}

function ruleOf({ name, news, rule: { text, advice, where, strength } }: RuleLine) {
  return {
    id: name,
    shortDescription: { text },
    help: { text: `${advice}\n${where}` },
    helpUri: clauseUrl(name),
    defaultConfiguration: { level: LEVELS[severityOf(strength)] },
    ...(news === null ? {} : { properties: { tags: ['new'] } }),
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

/** A result for each finding, with the clauses tied to it; one for a line that fails without any. */
function resultsOf(
  { name, outcome, said, rule, findings, about, under, place }: RuleLine,
  ruleIndex: number,
  root: string,
) {
  if (under !== null || (outcome !== 'fail' && outcome !== 'noted' && outcome !== 'waived')) return [];
  const id = { ruleId: name, ruleIndex };
  if (findings.length === 0)
    return [{ ...id, level: LEVELS.must, message: { text: said }, ...locationsOf(place) }];
  const suppressed =
    outcome === 'waived' ? { suppressions: [{ kind: 'external', justification: said }] } : {};
  return findings.map((finding) => ({
    ...id,
    level: LEVELS[finding.severity],
    message: { text: [findingText(finding, rule), ...(about.length > 0 ? ['', ...about] : [])].join('\n') },
    ...locationsOf(placeOf(finding.stack, root)),
    ...suppressed,
  }));
}

function stopResult(stop: Stop, ruleIndex: number) {
  return {
    ruleId: STOPPED,
    ruleIndex,
    level: LEVELS.must,
    message: { text: stopText(stop) },
    ...locationsOf(stop.place),
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
