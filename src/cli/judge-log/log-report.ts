import { fails, renderVerdicts, type Verdict, verdictsJson } from '../../conformance/index.ts';
import { verdictReport } from '../../conformance/report/verdict-report.ts';
import type { Finding } from '../../core/finding.ts';
import { visible } from '../../core/visible.ts';
import type { FindingLines } from '../../hosts/log/finding-lines.ts';
import type { DamagedLine } from '../../hosts/log/log-lines.ts';
import { NO_FINDINGS, type Report } from '../../report/report.ts';
import type { ClauseId } from '../../rules/index.ts';
import { firmwareLines } from '../firmware-lines.ts';
import type { Io } from '../io.ts';
import { inForm, type Reporter } from '../reporter.ts';

/** The result of a log. */
export interface LogReport {
  /** The program that wrote the log. */
  readonly form: 'guestrig' | 'qemu';
  readonly profile: string;
  readonly seed: number;
  /** The number of lines, and of those that do not belong to a log. */
  readonly lines: number;
  readonly foreign: number;
  readonly accesses: number;
  readonly damaged: readonly DamagedLine[];
  readonly damagedTotal: number;
  /** The line in which a clause was broken first. */
  readonly broken: FindingLines;
  /** The clauses that it cannot judge, and why; and other remarks: a sentence each. */
  readonly notes: readonly string[];
  readonly verdicts: readonly Verdict[];
  /** Breaches by a firmware, which is not judged. */
  readonly excused: readonly Finding[];
}

export function logPassed({ verdicts }: LogReport): boolean {
  return !verdicts.some(fails);
}

export function renderLog(report: LogReport, reporter: Reporter, io: Pick<Io, 'color' | 'width'>): string {
  const forms = { report: () => lines(report), text: () => text(report, io), json: () => json(report) };
  return inForm(reporter, forms, io);
}

function text(report: LogReport, io: Pick<Io, 'color'>): string {
  return [
    renderVerdicts(report.verdicts, io),
    ...firmwareLines(report.excused),
    ...brokenLines(report),
    ...damageLines(report),
    ...report.notes.map((note) => `${visible(note)}.`),
    `${said(report)}.`,
    '',
  ].join('\n');
}

/** In what the log shows: a clause that a trace cannot fully judge may have been broken elsewhere, too. */
function brokenIn({ broken, verdicts }: LogReport): { clause: ClauseId; line: number }[] {
  const lines = verdicts.flatMap(({ clause, findings }) => {
    const line = broken.get(clause);
    return findings.length === 0 || line === undefined ? [] : [{ clause, line }];
  });
  return lines.sort((one, other) => one.line - other.line);
}

function brokenLines(report: LogReport): string[] {
  return brokenIn(report).map(({ clause, line }) => `Line ${line} breaks ${clause}.`);
}

function damageLines({ damaged, damagedTotal }: LogReport): string[] {
  const lines = damaged.map(({ line, why }) => `Line ${line} is passed over: ${visible(why)}.`);
  const rest = damagedTotal - damaged.length;
  return rest === 0 ? lines : [...lines, `And so are ${rest} more.`];
}

function said({ form, lines, foreign, accesses }: LogReport): string {
  const beside = foreign === 0 ? '' : `, of which ${foreign} are none of its own`;
  const whose = form === 'qemu' ? "QEMU's" : "guestrig's";
  return `The log is ${whose}: ${accesses} accesses in ${lines} lines${beside}`;
}

function json(report: LogReport): object {
  const { form, lines, foreign, accesses, damaged, damagedTotal, notes, profile, seed } = report;
  return {
    schema: 1,
    profile,
    seed,
    passed: logPassed(report),
    log: { form, lines, foreign, accesses, damaged, damagedTotal, notes, broken: brokenIn(report) },
    verdicts: verdictsJson(report.verdicts),
    firmware: report.excused,
  };
}

function lines(report: LogReport): Report {
  const { profile, seed, verdicts, notes } = report;
  const grounds = [...damageLines(report), ...notes].join('\n');
  const read = {
    ...NO_FINDINGS,
    group: 'judge-log',
    name: 'the log is read',
    outcome: 'pass' as const,
    said: said(report),
    grounds,
  };
  return verdictReport({ name: `guestrig judge-log, ${profile}, seed ${seed}`, profile }, verdicts, [read]);
}
