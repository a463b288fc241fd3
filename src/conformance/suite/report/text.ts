import { visible, visibleLines } from '../../../core/visible.ts';
import { findingsText } from '../../report/finding.ts';
import { type Style, styleFor } from '../../report/style.ts';
import { tally } from '../../report/text.ts';
import type { Conformance, ConformVerdict } from '../conformance.ts';
import { placeOf, placeOfError, placeText } from './place.ts';
import {
  circumstances,
  companionsOf,
  goneText,
  headsOf,
  isNoted,
  outcomeText,
  type Skip,
  type Stop,
  type Summary,
  scenariosOf,
  skipsOf,
  stoppedIn,
  stopsOf,
  unplayedText,
} from './summary.ts';

/** The result of a driver in the suite, for a person: the outcome comes last, where a reader of a log looks first. */
export function conformanceText({ report, gone, root }: Summary, color: boolean): string {
  const style = styleFor(color);
  const { verdicts } = report;
  const noted = verdicts.filter(isNoted);
  const counted = verdicts.filter((verdict) => !isNoted(verdict));
  const told = [...headsOf(report), ...noted];
  const unplayed = unplayedText(report);
  const notes = noted.length > 0 ? `   ${noted.length} noted` : '';
  return [
    headline(report, style),
    '',
    style.bold(`Rules for drivers   ${tally(counted)}${notes}`),
    ...told.flatMap((verdict) => ['', ...verdictLines(verdict, report, root, style)]),
    ...stopsOf(report).flatMap((stop) => ['', ...stopLines(stop, root, style)]),
    ...skipsOf(report).flatMap((skip) => ['', ...skipLines(skip, style)]),
    ...(unplayed === null ? [] : ['', unplayed]),
    ...(gone.length > 0 ? [''] : []),
    ...gone.map(goneText),
    '',
    outcomeLine(report, style),
    '',
  ].join('\n');
}

function headline(report: Conformance, style: Style): string {
  const { model, profile, seeds } = report;
  const scenarios = scenariosOf(report).length;
  const played = `${scenarios} ${scenarios === 1 ? 'scenario' : 'scenarios'}`;
  return `${style.bold(`guestrig  ${visible(model)}`)} on ${profile}, ${played}, ${seedsText(seeds)}`;
}

function seedsText(seeds: readonly number[]): string {
  return seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
}

function verdictLines(verdict: ConformVerdict, report: Conformance, root: string, style: Style): string[] {
  const { clause, note, findings } = verdict;
  const [first] = findings;
  if (first === undefined) return [`${style.bad(clause)}  ${visible(String(note))}`];
  const place = placeOf(first.stack, root);
  return [
    findingsText(findings, style),
    style.dim(`  ${circumstances(verdict, report)}`),
    ...(place === null ? [] : [`  at ${visible(placeText(place))}`]),
    ...companionsOf(verdict, report).map((line) => style.dim(`  ${line}`)),
  ];
}

function stopLines(stop: Stop, root: string, style: Style): string[] {
  const place = placeOfError(stop.runs[0]!.stopped, root);
  return [
    `${style.bad('stopped')}  ${visibleLines(stop.said, '\n    ')}`,
    style.dim(`  ${stoppedIn(stop)}`),
    ...(place === null ? [] : [`  at ${visible(placeText(place))}`]),
  ];
}

function skipLines({ reason, scenarios }: Skip, style: Style): string[] {
  const count = `${scenarios.length} ${scenarios.length === 1 ? 'scenario' : 'scenarios'}`;
  return [
    `skipped  ${count}: ${visible(reason)}`,
    ...scenarios.map((name) => style.dim(`  "${visible(name)}"`)),
  ];
}

function outcomeLine(report: Conformance, style: Style): string {
  const model = visible(report.model);
  const isWell = report.conforms && report.hard !== false;
  return style[isWell ? 'good' : 'bad'](`${model} ${outcomeText(report)}.`);
}
