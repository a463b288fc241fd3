import { seen, visible } from '../../../core/visible.ts';
import { CLAUSES } from '../../../rules/index.ts';
import { otherKinds } from '../../report/kinds.ts';
import type { ConformVerdict } from '../conformance.ts';
import { type Place, placeOf, placeOfError, placeText } from './place.ts';
import {
  circumstances,
  companionsOf,
  goneText,
  headsOf,
  isNoted,
  outcomeText,
  type Summary,
  skipsOf,
  stoppedIn,
  stopsOf,
  unplayedText,
} from './summary.ts';

type Level = 'error' | 'warning' | 'notice';

/**
 * Workflow commands of GitHub Actions, which show each finding at the driver's own line: `::error
 * file=nic.ts,line=12,col=3,title=virtio/FEAT-D1 MUST NOT::…`.
 */
export function conformanceGithub({ report, gone, root }: Summary): string {
  const { model, verdicts } = report;
  const unplayed = unplayedText(report);
  return [
    ...headsOf(report).flatMap((verdict) => clauseLines('error', verdict, { report, root })),
    ...stopsOf(report).map((stop) =>
      annotation(
        'error',
        placeOfError(stop.runs[0]!.stopped, root),
        `${model} stopped`,
        `${stop.said}\n${stoppedIn(stop)}`,
      ),
    ),
    ...verdicts.filter(isNoted).flatMap((verdict) => clauseLines('notice', verdict, { report, root })),
    ...(unplayed === null ? [] : [annotation('warning', null, `${model} not played`, unplayed)]),
    ...skipsOf(report).map(({ reason, scenarios }) =>
      annotation('notice', null, `${model} skipped`, [reason, ...scenarios].join('\n')),
    ),
    ...gone.map((known) => annotation('warning', null, 'guestrig baseline', goneText(known))),
    `${visible(model)} ${outcomeText(report)}.`,
    '',
  ].join('\n');
}

/** One for each line of the driver's. */
function clauseLines(
  level: Level,
  verdict: ConformVerdict,
  { report, root }: Pick<Summary, 'report' | 'root'>,
): string[] {
  const { clause, findings, note } = verdict;
  const { strength, text, advice } = CLAUSES[clause];
  const title = `${clause} ${strength}`;
  if (findings.length === 0) return [annotation(level, null, title, `${note}\n${text}.`)];
  const places = findings.map(({ stack }) => placeOf(stack, root));
  const about = [circumstances(verdict, report), ...companionsOf(verdict, report)].join('\n');
  const texts = places.map((place) => (place === null ? '' : placeText(place)));
  return findings.flatMap(({ subject, said }, i) => {
    if (texts.indexOf(texts[i]!) < i) return [];
    const others = otherKinds(findings.filter((_, at) => texts[at] === texts[i]));
    const lines = [`${subject}: ${said}`, ...others, `${text}.`, advice, about];
    return [annotation(level, places[i]!, title, lines.join('\n'))];
  });
}

function annotation(level: Level, place: Place | null, title: string, message: string): string {
  const at: [string, string | number][] =
    place === null
      ? []
      : [
          ['file', place.file],
          ['line', place.line],
          ['col', place.column],
        ];
  const properties = [...at, ['title', title]].map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${level} ${properties.join(',')}::${data(message)}`;
}

function data(text: string): string {
  return seen(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** In a property two more characters have a meaning. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
