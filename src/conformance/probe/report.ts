import { match } from 'ts-pattern';
import { checkObject } from '../../core/checks.ts';
import { checkReport, checkVerdicts } from '../checks.ts';
import type { ProbeReport } from './probe.ts';
import type { ProbedMachine } from './probed-machine.ts';
import type { RequirementLine } from './requirements.ts';
import { fails, type Outcome, type Verdict } from '../verdict.ts';
import { findingsText } from '../../report/finding.ts';
import { functionLines } from './functions.ts';
import { partRows } from './parts/index.ts';
import { columns, type Style, styleFor } from '../../report/style.ts';

/** The report as a person reads it; `color` for a terminal. */
export function renderReport(
  report: ProbeReport<ProbedMachine>,
  options: { readonly color: boolean },
): string {
  checkReport(report);
  checkObject('options', options);
  const style = styleFor(options.color);
  return [
    headline(report, style),
    ...functionLines(report.seen),
    '',
    ...columns(partRows(report.seen)),
    '',
    ...requirementLines(report, style),
    '',
    ...verdictLines(report.verdicts, style),
    '',
  ].join('\n');
}

/** The verdicts alone, as they stand at the end of a report. */
export function renderVerdicts(verdicts: readonly Verdict[], options: { readonly color: boolean }): string {
  checkVerdicts(verdicts);
  checkObject('options', options);
  return [...verdictLines(verdicts, styleFor(options.color)), ''].join('\n');
}

function headline({ machine }: ProbeReport<ProbedMachine>, style: Style): string {
  const { profile, ramBytes, seed, now } = machine;
  const ram = `${ramBytes / (1 << 20)} MiB`;
  const spent = `${(now / 1e6).toFixed(1)} ms`;
  const time = seed === null ? `${spent} of the host's time` : `seed ${seed}, ${spent} of virtual time`;
  return `${style.bold(`guestrig  ${profile.name}`)}, ${ram}, ${time}\n`;
}

function requirementLines({ requirements }: ProbeReport<ProbedMachine>, style: Style): string[] {
  const rows = columns(requirements.map((line) => [word(line), line.clause, line.said]));
  const painted = rows.map((row, i) => paint(requirements[i]!.outcome, row, style));
  return [style.bold(`Requirements of the Compute Engine document   ${tally(requirements)}`), ...painted];
}

function verdictLines(verdicts: readonly Verdict[], style: Style): string[] {
  const broken = verdicts.filter(({ outcome }) => outcome === 'fail');
  const noted = broken.filter((verdict) => !fails(verdict));
  const counted = verdicts.filter((verdict) => !noted.includes(verdict));
  const notes = noted.length > 0 ? `   ${noted.length} noted` : '';
  return [
    style.bold(`Rules for drivers   ${tally(counted)}${notes}`),
    ...[...broken.filter(fails), ...noted].flatMap(({ findings }) => ['', findingsText(findings, style)]),
  ];
}

export function tally(lines: readonly { readonly outcome: Outcome }[]): string {
  const of = (outcome: Outcome) => lines.filter((line) => line.outcome === outcome).length;
  const counts = `${of('pass')} pass   ${of('fail')} fail   ${of('unreached')} not reached`;
  const waived = of('waived') > 0 ? `   ${of('waived')} waived` : '';
  return `${counts}${waived}`;
}

function word({ outcome }: RequirementLine): string {
  return match(outcome)
    .with('pass', () => '  pass')
    .with('fail', () => '  FAIL')
    .with('waived', () => '  waived')
    .with('unreached', () => '  not reached')
    .exhaustive();
}

function paint(outcome: Outcome, text: string, style: Style): string {
  return match(outcome)
    .with('pass', () => style.good(text))
    .with('fail', () => style.bad(text))
    .with('waived', 'unreached', () => style.dim(text))
    .exhaustive();
}
