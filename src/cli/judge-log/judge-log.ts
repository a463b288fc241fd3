import { verdictsOf } from '../../conformance/index.ts';
import { MisuseError } from '../../core/misuse.ts';
import { formOf } from '../../hosts/log/form.ts';
import { LogLines } from '../../hosts/log/log-lines.ts';
import { type MakeMachine, replayRecording } from '../../hosts/log/replay-recording.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { BootReporter } from '../boot-report.ts';
import type { Io } from '../io.ts';
import { buildMachine, isProfile, type ProfileName } from '../machines.ts';
import { optionsFrom } from '../options-file.ts';
import { wrongFile } from '../reaching.ts';
import { linesOf } from './log-file.ts';
import { type LogReport, logPassed, renderLog } from './log-report.ts';

interface JudgeLogArguments {
  readonly profile?: ProfileName;
  readonly options?: string;
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
  readonly reporter?: BootReporter;
}

/** `guestrig judge-log`. @returns whether no rule was broken. */
export function judgeLog(path: string, args: JudgeLogArguments, io: Io): boolean {
  const given = optionsFrom(args.options);
  const make: MakeMachine = (profile = 'gce-n1', options) => {
    const name = args.profile ?? profile;
    if (!isProfile(name)) throw new MisuseError('profile', name, 'a profile');
    return buildMachine(name, { ...options, ...given });
  };
  const { form, lines } = formOf(linesOf(path));
  if (form === null) throw wrongFile('log', path, 'has no line of a log that guestrig knows');
  const log = new LogLines(lines);
  const report = judged(log, make, args.waive);
  io.out(renderLog(report, args.reporter ?? 'text', io));
  return logPassed(report);
}

function judged(log: LogLines, make: MakeMachine, waive: JudgeLogArguments['waive'] = []): LogReport {
  const replayed = replayRecording(log, make);
  const { machine, accesses, lacks } = replayed;
  try {
    return {
      form: 'guestrig',
      profile: machine.profile.name,
      seed: machine.seed,
      lines: log.number,
      foreign: log.foreign,
      accesses,
      damaged: log.damaged,
      damagedTotal: log.damagedTotal,
      notes: lacks,
      verdicts: verdictsOf(machine.journal, Object.fromEntries(waive)),
    };
  } finally {
    machine.close();
  }
}
