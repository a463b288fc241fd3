import { version } from '../../core/version.ts';
import { visible } from '../../core/visible.ts';
import { NO_FINDINGS, NOTHING_ELSE, type Report, type ReportLine } from '../../report/report.ts';
import { columns, styleFor } from '../../report/style.ts';
import { COMPARED, type ComparedItem } from './compared.ts';

/** What was compared with our machine. */
export interface Compared {
  /** The capture, or the text. */
  readonly file: string;
  readonly profile: string;
  readonly items: readonly ComparedItem[];
}

/** Whether something differs that docs/fidelity.md does not say. */
export function isNews({ items }: Pick<Compared, 'items'>): boolean {
  return items.some(({ outcome }) => outcome === 'new');
}

const OUTCOMES: Readonly<Record<ComparedItem['outcome'], ReportLine['outcome']>> = {
  new: 'fail',
  known: 'waived',
  equal: 'pass',
  'masked-equal': 'pass',
  'not compared': 'unreached',
};

/** As lines of a report, for a CI. */
export function comparedReport(compared: Compared): Report {
  const count = compared.items.filter(({ outcome }) => outcome === 'new').length;
  return {
    ...NOTHING_ELSE,
    name: `guestrig compare ${compared.file}`,
    profile: compared.profile,
    rules: null,
    lines: compared.items.map(({ name, outcome, said, reason }) => ({
      ...NO_FINDINGS,
      group: groupOf(name),
      name,
      outcome: OUTCOMES[outcome],
      said: reason === '' ? said : reason,
      grounds: said,
    })),
    passed: count === 0,
    word: count === 0 ? 'has no new difference' : 'has new differences',
    why: count === 0 ? '' : String(count),
  };
}

/** `pci`, `scsi`; of a text `text`. */
function groupOf(name: string): string {
  return /^[a-z]+/.exec(name)?.[0] ?? name;
}

/** For programs. `schema` grows when a field changes its meaning. */
export function comparedJson({ file, profile, items }: Compared) {
  return { schema: 1, guestrig: version(), file, profile, counts: countsOf(items), items };
}

function countsOf(items: readonly ComparedItem[]): Record<string, Record<ComparedItem['outcome'], number>> {
  const counts: Record<string, Record<ComparedItem['outcome'], number>> = {};
  for (const { name, outcome } of items) {
    const group = (counts[groupOf(name)] ??= {
      new: 0,
      known: 0,
      equal: 0,
      'masked-equal': 0,
      'not compared': 0,
    });
    group[outcome]++;
  }
  return counts;
}

/** As a person reads it: a count for each kind of item, then what differs. */
export function renderCompared(compared: Compared, { color }: { readonly color: boolean }): string {
  const { file, profile, items } = compared;
  const style = styleFor(color);
  const counts = Object.entries(countsOf(items)).map(([group, count]) => [
    group,
    ...COMPARED.map((outcome) => String(count[outcome])),
  ]);
  const differ = (outcome: ComparedItem['outcome']) => items.filter((item) => item.outcome === outcome);
  const lines = (found: readonly ComparedItem[]) =>
    found.map(({ name, said, reason }) =>
      visible(`  ${name}: ${said}${reason === '' ? '' : ` (${reason})`}`),
    );
  const [news, known] = [differ('new'), differ('known')];
  return [
    `${style.bold(`guestrig ${version()} compare`)}  ${visible(`${file}, with ${profile}`)}`,
    '',
    ...columns([['item', ...COMPARED], ...counts]),
    '',
    ...(news.length === 0
      ? ['Nothing differs that is not known.']
      : ['New differences:', ...lines(news).map(style.bad)]),
    ...(known.length === 0 ? [] : ['', 'Known differences:', ...lines(known)]),
    '',
  ].join('\n');
}
