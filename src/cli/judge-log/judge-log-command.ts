import type { Command } from 'commander';
import { type Verdict, verdictsOf, type Waivers } from '../../conformance/index.ts';
import { MisuseError } from '../../core/misuse.ts';
import { formOf } from '../../hosts/log/form.ts';
import { LogLines } from '../../hosts/log/log-lines.ts';
import { BY_REGISTERS } from '../../hosts/log/qemu/judged.ts';
import { replayTrace } from '../../hosts/log/qemu/replay-trace.ts';
import { type Departure, type MakeMachine, replayRecording } from '../../hosts/log/replay-recording.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import { inside, wrongFile } from '../file-errors.ts';
import type { Io } from '../io.ts';
import { buildMachine, isProfile, type ProfileName } from '../machines.ts';
import { input, profile, repeatable, reporter, single, waiver } from '../option-values.ts';
import { optionsFrom } from '../options-file.ts';
import { REPORTER_ABOUT, type Reporter } from '../reporter.ts';
import { linesOf, Spool } from './log-file.ts';
import { type LogReport, logPassed, renderLog } from './log-report.ts';

interface JudgeLogArguments {
  readonly profile?: ProfileName;
  readonly options?: string;
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
  readonly reporter?: Reporter;
}

/** `guestrig judge-log`. @returns whether no rule was broken. */
function judgeLog(path: string, args: JudgeLogArguments, io: Io): boolean {
  const make = makeOf(args);
  const waive = Object.fromEntries(args.waive ?? []);
  const { form, lines } = formOf(linesOf(path));
  if (form === null) throw wrongFile('log', path, 'has no line of a log that guestrig knows');
  const report = inside('log', path, () =>
    form === 'guestrig' ? ofRecording(lines, make, waive) : ofTrace(path, lines, waive),
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

function ofRecording(lines: Iterable<string>, make: MakeMachine, waive: Waivers): LogReport {
  const log = new LogLines(lines);
  const { machine, accesses, lacks, departure, broken, judges } = replayRecording(log, make);
  const notes = [...lacks, ...(departure === null ? [] : [departureText(departure)])];
  const verdicts = verdictsOf(machine.journal, waive).map((verdict) => ifJudged(verdict, judges));
  const excused = machine.journal.excused.filter(({ clause }) => judges?.has(clause as ClauseId) ?? true);
  return { form: 'guestrig', accesses, notes, broken, verdicts, excused, ...countsOf(machine, log) };
}

/** A second pass, which is not possible with this process's own input. */
function ofTrace(path: string, lines: Iterable<string>, waive: Waivers): LogReport {
  const spool = Spool.of(path, lines);
  try {
    const { machine, accesses, log, lacks, broken } = replayTrace(() => spool.lines());
    const verdicts = verdictsOf(machine.journal, waive).map((verdict) => ifJudged(verdict, BY_REGISTERS));
    return { form: 'qemu', accesses, notes: lacks, broken, verdicts, excused: [], ...countsOf(machine, log) };
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
  program
    .command('judge-log')
    .argument(
      '<file>',
      "what --trace FILE.jsonl wrote, or QEMU's -trace; - is standard input",
      (file: string) => input('judge-log', file),
    )
    .description('say which rules held in a run that was written down: no machine is needed for it')
    .addOption(single('--profile <name>', 'gce-n1 or qemu-pc (default: as the log says)', profile))
    .addOption(single('--options <file>', 'options of the machine over those of the log, as JSON', input))
    .addOption(
      repeatable('--waive <clause=reason>', 'a rule that may be broken, and why; may be repeated', waiver),
    )
    .addOption(single('--reporter <name>', REPORTER_ABOUT, reporter))
    .addHelpText('after', '\nExample: guestrig judge-log run.jsonl')
    .action((file, args) => done(judgeLog(file, args, io)));
}
