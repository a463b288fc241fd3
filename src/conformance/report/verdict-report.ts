import { checkObject } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { version } from '../../core/version.ts';
import { visible } from '../../core/visible.ts';
import { findingText } from '../../report/finding.ts';
import { junit } from '../../report/junit.ts';
import { otherKinds } from '../../report/kinds.ts';
import { NO_FINDINGS, NOTHING_ELSE, type Report, type ReportLine } from '../../report/report.ts';
import { styleFor } from '../../report/style.ts';
import { rulesText } from '../../report/text.ts';
import { CLAUSES, type ClauseId, type Finding } from '../../rules/index.ts';
import { isNew, newestSet, type RuleSet, sinceOf } from '../../rules/sets.ts';
import { checkText } from '../checks.ts';
import type { Under } from '../suite/conformance.ts';
import { tiesIn } from '../suite/mistakes.ts';
import { checkVerdicts, fails, type Verdict } from '../verdict.ts';

/**
 * A finding as a person reads it: what happened, the evidence, what to do, the source. Further arguments are
 * ignored: `machine.findings.map(renderFinding)`.
 *
 * @throws MisuseError for what is not a finding.
 */
export function renderFinding(finding: Finding): string {
  checkObject('finding', finding);
  const rule = CLAUSES[finding.clause];
  if (rule === undefined || finding.evidence === undefined)
    throw new MisuseError('finding', finding, 'a finding of a machine');
  return findingText(finding, rule);
}

/** The verdicts of one run as lines of a report. */
export function verdictLines(verdicts: readonly Verdict[]): ReportLine[] {
  const ties = tiesIn(checkVerdicts(verdicts));
  const tied = verdicts.map((verdict) => ({ ...verdict, under: ties.get(verdict.clause) ?? null }));
  return tied.map((verdict) => {
    const { clause, outcome, findings, under } = verdict;
    const said = saidOf(verdict);
    const news = newsOf(clause);
    return {
      ...NO_FINDINGS,
      group: familyOf(clause),
      name: clause,
      outcome,
      said,
      rule: CLAUSES[clause],
      news,
      findings,
      about: [...(news === null ? [] : [news]), ...companionsOf(clause, tied)],
      under: under === null ? null : underText(under),
    };
  });
}

/** A verdict, and the clause that it is listed below. */
interface Tied extends Pick<Verdict, 'clause' | 'findings'> {
  readonly under: Under | null;
}

const TIES = { access: 'by the same access', follows: 'which follows from it' } as const;

/** `by the same access: virtio/NET-FEAT-D2  GUEST_TSO6 (8) was accepted …`, each on a line. */
export function companionsOf(clause: ClauseId, verdicts: readonly Tied[]): string[] {
  return verdicts
    .filter(({ under }) => under?.clause === clause)
    .flatMap((verdict) =>
      [verdict.findings[0]!.said, ...otherKinds(verdict.findings)].map(
        (said) => `${TIES[verdict.under!.tie]}: ${verdict.clause}  ${visible(said)}`,
      ),
    );
}

/** `fails with virtio/FEAT-D1, by the same access` */
export function underText({ clause, tie }: Under): string {
  return `fails with ${clause}, ${TIES[tie]}`;
}

/** What a verdict says in a line: empty for a clause that was not reached. */
export function saidOf({
  outcome,
  met,
  note,
  findings,
}: Pick<Verdict, 'outcome' | 'met' | 'findings'> & { readonly note?: string | null }): string {
  if (outcome === 'pass') return `met ${met} times`;
  return note ?? findings[0]?.said ?? '';
}

/** `new in the rules 0.3`: a driver that passed before may fail now. Null for a clause that the last version had. */
export function newsOf(clause: ClauseId): string | null {
  return isNew(clause) ? `new in the rules ${sinceOf(clause)}` : null;
}

/** What each report for programs says first: the version of guestrig, and the set of rules. */
export function byJson(rules: RuleSet) {
  return { schema: 1, guestrig: version(), rules };
}

export function familyOf(clause: string): string {
  return clause.split('/')[0]!;
}

/** The report of a command that has verdicts of one run, and lines of its own before them. */
export function verdictReport(
  { name, profile, rules }: Pick<Report, 'name' | 'profile' | 'rules'>,
  verdicts: readonly Verdict[],
  own: readonly ReportLine[],
): Report {
  const lines = [...own, ...verdictLines(verdicts)];
  const failed = own.filter(({ outcome }) => outcome === 'fail');
  const stops = failed.map(({ said, place }) => ({
    said,
    where: '',
    suspected: null,
    place,
    stack: '',
    run: null,
  }));
  const passed = failed.length === 0 && !verdicts.some(fails);
  return { ...NOTHING_ELSE, name, profile, rules, lines, stops, passed, word: passed ? 'passes' : 'fails' };
}

/** The verdicts alone, as they stand at the end of a report. @param options `rules` is the set by which they were judged. */
export function renderVerdicts(
  verdicts: readonly Verdict[],
  options: { readonly color: boolean; readonly rules?: string },
): string {
  const lines = verdictLines(verdicts);
  checkObject('options', options);
  const { color, rules = newestSet() } = options;
  return [...rulesText({ lines, root: '/', rules }, styleFor(color)), ''].join('\n');
}

/**
 * Verdicts as JUnit's XML: a suite for each family of clauses, a case for each clause. A case is skipped if the clause
 * was not reached, was waived, or only a note was broken.
 *
 * @throws MisuseError for what are not verdicts.
 */
export function verdictsJunit(name: string, verdicts: readonly Verdict[]): string {
  checkText('name', name);
  return junit({ name, lines: verdictLines(verdicts), root: '/', rules: newestSet() });
}

/** `met` counts, `at` is the virtual time of the last in nanoseconds; null is never. */
export interface VerdictJson extends Omit<Verdict, 'broken'> {
  readonly said?: string;
  /** The clause came after the last version. */
  readonly new?: true;
}

/** The verdicts alone, as they stand in a report for machines. */
export function verdictsJson(verdicts: readonly Verdict[]) {
  return checkVerdicts(verdicts).map((verdict) => verdictJson(verdict));
}

export function verdictJson(
  { clause, outcome, met, at, scenario, stores, findings, note }: Verdict,
  more: { said?: string } = {},
): VerdictJson {
  const through = scenario === undefined ? {} : { scenario };
  const why = note === undefined ? {} : { note };
  const seen = stores === undefined ? {} : { stores };
  const marked = isNew(clause) ? { new: true as const } : {};
  return { clause, ...marked, outcome, ...more, met, at, ...seen, ...through, findings, ...why };
}
