import { fails, renderVerdicts, type Verdict, verdictsJson } from '../conformance/index.ts';
import { byJson, verdictReport } from '../conformance/report/verdict-report.ts';
import type { Finding } from '../core/finding.ts';
import type { StoreSight } from '../core/memory-tap.ts';
import { visible } from '../core/visible.ts';
import type { Machine } from '../machine/machine.ts';
import { kindsOf } from '../report/kinds.ts';
import { NO_FINDINGS, type Report } from '../report/report.ts';
import { columns } from '../report/style.ts';
import { CLAUSES } from '../rules/index.ts';
import type { RuleSet } from '../rules/sets.ts';
import type { BootEnd } from './boot-end.ts';
import { crashText } from './crash-text.ts';
import type { Io } from './io.ts';
import { inForm, type Reporter } from './reporter.ts';

/** The report of a finished boot. */
interface BootReport {
  /** Default `boot`. */
  readonly command?: string;
  readonly machine: Machine;
  readonly end: BootEnd;
  readonly rules: RuleSet;
  readonly verdicts: readonly Verdict[];
}

export function passed({ end, verdicts }: BootReport): boolean {
  return end.complaints.length === 0 && !verdicts.some(fails);
}

export function renderBoot(report: BootReport, reporter: Reporter, io: Io): string {
  const forms = { report: () => lines(report), text: () => text(report, io), json: () => json(report) };
  return inForm(reporter, forms, io);
}

/** How the guest's stores were observed. */
const STORES: Readonly<Record<StoreSight, readonly string[]>> = {
  stores: [],
  compared: [
    'What the guest stores to memory was compared, not seen: clauses on the order of stores are unreached.',
  ],
  none: [],
};

/** The end comes last, where a reader of a log looks first. */
function text({ machine, end, rules, verdicts }: BootReport, { color }: Io): string {
  return [
    '',
    ...(end.crash === null ? [] : [crashText(end.crash)]),
    renderVerdicts(verdicts, { color, rules }),
    ...firmwareLines(machine.journal.excused),
    ...STORES[machine.journal.stores],
    `${visible(end.said)}.`,
    ...end.complaints.map((complaint) => `FAIL  ${visible(complaint)}`),
    '',
  ].join('\n');
}

function json(report: BootReport) {
  const { machine, end, verdicts } = report;
  const { how, said, complaints, lastLine, time, crash } = end;
  return {
    ...byJson(report.rules),
    profile: machine.profile.name,
    seed: machine.seed,
    passed: passed(report),
    end: { how, said, complaints, lastLine, time, crash },
    verdicts: verdictsJson(verdicts),
    firmware: machine.journal.excused,
  };
}

function lines({ command = 'boot', machine, end, rules, verdicts }: BootReport): Report {
  const { complaints } = end;
  const { profile, seed } = machine;
  const boot = {
    ...NO_FINDINGS,
    group: command,
    name: end.expected,
    outcome: complaints.length > 0 ? ('fail' as const) : ('pass' as const),
    said: complaints[0] ?? end.said,
    grounds: complaints.join('\n'),
  };
  const name = `guestrig ${command}, ${profile.name}, seed ${seed}`;
  return verdictReport({ name, profile: profile.name, rules }, verdicts, [boot]);
}

/** The firmware's breaches: a line for each kind of breach of each clause, and how often. */
export function firmwareLines(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const clauses = [...new Set(findings.map(({ clause }) => clause))];
  const kinds = clauses.flatMap((clause) => kindsOf(findings.filter((finding) => finding.clause === clause)));
  const rows = kinds.map(({ first: { clause, subject, said }, count }) => {
    const { strength } = CLAUSES[clause as keyof typeof CLAUSES];
    return [`  ${clause}`, strength, subject, count > 1 ? `${said} (${count} times)` : said];
  });
  return ['Broken by the firmware, which is not judged:', ...columns(rows), ''];
}
