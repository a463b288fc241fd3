import { seen } from '../core/visible.ts';
import { otherKinds } from './kinds.ts';
import { type Place, placeOf, placeText } from './place.ts';
import {
  byText,
  headsOf,
  notesOf,
  type Report,
  type RuleLine,
  resultText,
  skipText,
  stopText,
} from './report.ts';

type Level = 'error' | 'warning' | 'notice';

/**
 * Workflow commands of GitHub Actions, which show each finding at the driver's own line: `::error
 * file=nic.ts,line=12,col=3,title=virtio/FEAT-D1::…`.
 */
export function github(report: Report): string {
  const { name, stops, unplayed, warnings, root } = report;
  const skipped = skipText(report.skips);
  return [
    ...headsOf(report).flatMap((line) => lineCommands('error', line, root)),
    ...stops.map((stop) => command('error', stop.place, `${name} stopped`, stopText(stop))),
    ...notesOf(report).flatMap((line) => lineCommands('notice', line, root)),
    ...(unplayed === null ? [] : [command('warning', null, `${name} unplayed`, unplayed)]),
    ...(skipped === null ? [] : [command('notice', null, `${name} skipped`, skipped)]),
    ...warnings.map((text) => command('warning', null, 'guestrig', text)),
    byText(report),
    resultText(report),
    '',
  ].join('\n');
}

/** One for each line of the driver's. */
function lineCommands(level: Level, line: RuleLine, root: string): string[] {
  const { name, said, rule, findings, about, place } = line;
  if (findings.length === 0) return [command(level, place, name, `${said}\n${rule.text}`)];
  const places = findings.map(({ stack }) => placeOf(stack, root));
  const texts = places.map((one) => (one === null ? '' : placeText(one)));
  return findings.flatMap((finding, i) => {
    if (texts.indexOf(texts[i]!) < i) return [];
    const others = otherKinds(findings.filter((_, at) => texts[at] === texts[i]));
    const lines = [`${finding.subject}: ${finding.said}`, ...others, rule.text, rule.advice, ...about];
    return [command(level, places[i]!, name, lines.join('\n'))];
  });
}

function command(level: Level, place: Place | null, title: string, message: string): string {
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
