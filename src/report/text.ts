import { visible, visibleLines } from '../core/visible.ts';
import { findingsText } from './finding.ts';
import { framesOf, placeText } from './place.ts';
import {
  byText,
  headsOf,
  notesOf,
  OUTCOMES,
  type Outcome,
  type Report,
  type RuleLine,
  resultText,
  ruleLines,
  type Stop,
  skipText,
  suspectLines,
} from './report.ts';
import { type Style, styleFor } from './style.ts';

/** A report for a person: the outcome comes last, where a reader of a log looks first. */
export function reportText(report: Report, color: boolean): string {
  const style = styleFor(color);
  const { profile, played, stops, unplayed, warnings, passed } = report;
  const skipped = skipText(report.skips);
  return [
    `${style.bold(`guestrig  ${visible(report.name)}`)} on ${profile}, ${played}`,
    '',
    ...rulesText(report, style),
    ...stops.flatMap((stop) => ['', ...stopLines(stop, report.root, style)]),
    ...(skipped === null ? [] : ['', `skipped  ${skipped}`]),
    ...(unplayed === null ? [] : ['', unplayed]),
    ...(warnings.length > 0 ? [''] : []),
    ...warnings.map((text) => visible(text)),
    '',
    passed ? style.good(resultText(report)) : style.bad(resultText(report)),
    '',
  ].join('\n');
}

/** How many rules have which outcome, and whose rules they are; then each failure and each broken note in full. */
export function rulesText(report: Pick<Report, 'lines' | 'root' | 'rules'>, style: Style): string[] {
  return [
    style.bold(`Rules for drivers   ${tally(ruleLines(report))}`),
    style.dim(byText(report)),
    ...[...headsOf(report), ...notesOf(report)].flatMap((line) => [
      '',
      ...lineText(line, report.root, style),
    ]),
  ];
}

/** `3 pass   1 fail   9 unreached`, and `noted` and `waived` where there are any. */
export function tally(lines: readonly { readonly outcome: string }[]): string {
  const of = (outcome: Outcome) => lines.filter((line) => line.outcome === outcome).length;
  const always: readonly Outcome[] = ['pass', 'fail', 'unreached'];
  const seldom = OUTCOMES.filter((outcome) => !always.includes(outcome) && of(outcome) > 0);
  return [...always, ...seldom].map((outcome) => `${of(outcome)} ${outcome}`).join('   ');
}

function lineText(line: RuleLine, root: string, style: Style): string[] {
  const { name, said, rule, news, findings, about } = line;
  const [first] = findings;
  if (first === undefined)
    return [`${style.bad(visible(name))}  ${visible(said)}${news === null ? '' : ` (${news})`}`];
  const [where, ...others] = about.map((line) => style.dim(`  ${line}`));
  return [
    findingsText(findings, rule, style),
    ...(where === undefined ? [] : [where]),
    ...placeLines(first.stack, root),
    ...others,
  ];
}

function stopLines(stop: Stop, root: string, style: Style): string[] {
  const { said, where, stack } = stop;
  return [
    `${style.bad('stopped')}  ${visibleLines(said, '\n    ')}`,
    ...suspectLines(stop).map((line) => `  ${visible(line)}`),
    style.dim(`  ${where}`),
    ...placeLines(stack, root),
  ];
}

/** The driver's line, and those that called it. */
function placeLines(stack: string, root: string): string[] {
  const places = framesOf(stack, root).flatMap(({ place }) => place ?? []);
  return places.map((place, index) => `  ${index === 0 ? 'at' : 'called at'} ${visible(placeText(place))}`);
}
