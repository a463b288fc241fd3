import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { input, profile, repeatable, reporter, single, waiver } from '../option-values.ts';
import { REPORTER_ABOUT } from '../reporter.ts';
import { judgeLog } from './judge-log.ts';

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
