import type { Command } from 'commander';
import { fails, renderVerdicts, type Verdict, verdictsJson } from '../../conformance/index.ts';
import { byJson, verdictReport } from '../../conformance/report/verdict-report.ts';
import type { Finding } from '../../core/finding.ts';
import { MisuseError } from '../../core/misuse.ts';
import { visible } from '../../core/visible.ts';
import type { FindingLines } from '../../hosts/log/log-lines.ts';
import { type DamagedLine, LogLines } from '../../hosts/log/log-lines.ts';
import { BY_REGISTERS } from '../../hosts/log/qemu/judged.ts';
import { replayTrace } from '../../hosts/log/qemu/replay-trace.ts';
import {
  type Departure,
  formOf,
  type MakeMachine,
  replayRecording,
} from '../../hosts/log/replay-recording.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ProfileName } from '../../machine/profile.ts';
import { inside, wrongFile } from '../../media/file-errors.ts';
import { NO_FINDINGS, type Report } from '../../report/report.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { RuleSet } from '../../rules/sets.ts';
import { firmwareLines } from '../boot-report.ts';
import type { Io } from '../io.ts';
import { buildMachine, isProfile, optionsFrom } from '../machines.ts';
import { input, profile, reporter, single } from '../option-values.ts';
import { inForm, REPORTER_ABOUT, type Reporter } from '../reporter.ts';
import { type TermArguments, Terms, termOptions } from '../terms.ts';
import { linesOf, Spool } from './log-file.ts';

interface JudgeLogArguments extends TermArguments {
  readonly profile?: ProfileName;
  readonly options?: string;
  readonly reporter?: Reporter;
}

/** `guestrig judge-log`. @returns whether no rule was broken. */
function judgeLog(path: string, args: JudgeLogArguments, io: Io): boolean {
  const make = makeOf(args);
  const terms = new Terms(args, io);
  const { form, lines } = formOf(linesOf(path));
  if (form === null) throw wrongFile('log', path, 'has no line of a log that guestrig knows');
  const report = inside('log', path, () =>
    form === 'guestrig' ? ofRecording(lines, make, terms) : ofTrace(path, lines, terms),
  );
  io.out(renderLog(report, args.reporter ?? 'text', io));
  return logPassed(report);
}

function makeOf({ profile: asked, options }: JudgeLogArguments): MakeMachine {
  const given = optionsFrom(options);
  return (profile = 'gce-n1', logged) => {
    const name = asked ?? profile;
    if (!isProfile(name)) throw new MisuseError('profile', name, 'a profile');
    return buildMachine(name, { ...logged, ...given });
  };
}

function ofRecording(lines: Iterable<string>, make: MakeMachine, terms: Terms): LogReport {
  const log = new LogLines(lines);
  const { machine, accesses, lacks, departure, broken, judges } = replayRecording(log, make);
  const notes = [...lacks, ...(departure === null ? [] : [departureText(departure)])];
  const { rules } = terms;
  const verdicts = terms.verdicts(machine.journal).map((verdict) => ifJudged(verdict, judges));
  const excused = machine.journal.excused.filter(({ clause }) => judges?.has(clause as ClauseId) ?? true);
  return { form: 'guestrig', rules, accesses, notes, broken, verdicts, excused, ...countsOf(machine, log) };
}

/** A second pass, which is not possible with this process's own input. */
function ofTrace(path: string, lines: Iterable<string>, terms: Terms): LogReport {
  const spool = Spool.of(path, lines);
  try {
    const { machine, accesses, log, lacks, broken } = replayTrace(() => spool.lines());
    const verdicts = terms.verdicts(machine.journal).map((verdict) => ifJudged(verdict, BY_REGISTERS));
    const found = { form: 'qemu', rules: terms.rules, accesses, notes: lacks } as const;
    return { ...found, broken, verdicts, excused: [], ...countsOf(machine, log) };
  } finally {
    spool.close();
  }
}

/** @param judges the clauses that the log can judge; null is all. */
function ifJudged(verdict: Verdict, judges: ReadonlySet<ClauseId> | null): Verdict {
  if (judges === null || judges.has(verdict.clause)) return verdict;
  return { ...verdict, outcome: 'unreached', met: 0, at: null, broken: 0, findings: [] };
}

function countsOf(machine: Machine, log: LogLines) {
  const { number: lines, foreign, damaged, damagedTotal } = log;
  const { profile, seed } = machine;
  machine.close();
  return { profile: profile.name, seed, lines, foreign, damaged, damagedTotal };
}

function departureText({ line, text }: Departure): string {
  return `From line ${line} on the machine answers otherwise than the log has it (${text}): it may be of another machine`;
}

/** Declares `guestrig judge-log`. */
export function judgeLogCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  const command = program
    .command('judge-log')
    .argument(
      '<file>',
      "what --trace FILE.jsonl wrote, or QEMU's -trace; - is standard input",
      (file: string) => input('judge-log', file),
    )
    .description('say which rules held in a run that was written down: no machine is needed for it')
    .addOption(single('--profile <name>', 'gce-n1 or qemu-pc (default: as the log says)', profile))
    .addOption(single('--options <file>', 'options of the machine over those of the log, as JSON', input))
    .addOption(single('--reporter <name>', REPORTER_ABOUT, reporter))
    .addHelpText('after', '\nExample: guestrig judge-log run.jsonl')
    .action((file, args) => done(judgeLog(file, args, io)));
  for (const option of termOptions()) command.addOption(option);
}

/** The result of a log. */
interface LogReport {
  /** The program that wrote the log. */
  readonly form: 'guestrig' | 'qemu';
  readonly rules: RuleSet;
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

function logPassed({ verdicts }: LogReport): boolean {
  return !verdicts.some(fails);
}

function renderLog(report: LogReport, reporter: Reporter, io: Pick<Io, 'color' | 'width'>): string {
  const forms = { report: () => lines(report), text: () => text(report, io), json: () => json(report) };
  return inForm(reporter, forms, io);
}

function text(report: LogReport, { color }: Pick<Io, 'color'>): string {
  return [
    renderVerdicts(report.verdicts, { color, rules: report.rules }),
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
    ...byJson(report.rules),
    profile,
    seed,
    passed: logPassed(report),
    log: { form, lines, foreign, accesses, damaged, damagedTotal, notes, broken: brokenIn(report) },
    verdicts: verdictsJson(report.verdicts),
    firmware: report.excused,
  };
}

function lines(report: LogReport): Report {
  const { profile, seed, rules, verdicts, notes } = report;
  const grounds = [...damageLines(report), ...notes].join('\n');
  const read = {
    ...NO_FINDINGS,
    group: 'judge-log',
    name: 'the log is read',
    outcome: 'pass' as const,
    said: said(report),
    grounds,
  };
  const name = `guestrig judge-log, ${profile}, seed ${seed}`;
  return verdictReport({ name, profile, rules }, verdicts, [read]);
}
