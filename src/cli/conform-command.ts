import { type Command, Option } from 'commander';
import { SUITE } from '../conformance/index.ts';
import { conform } from './conform.ts';
import { clause, clausesBelow, jobs, milliseconds, scenarios, seeds, suiteWaiver } from './conform-values.ts';
import type { Io } from './io.ts';
import { input, path, profile, repeatable, reporter, single, tracePath } from './option-values.ts';
import { qemuOption } from './qemu/on-qemu.ts';
import { TRACE_ABOUT } from './records.ts';
import { REPORTER_ABOUT } from './reporter.ts';

/** Exit status of a driver that conforms, and does not bear devices that lie. */
const FELL = 3;

/** Declares `guestrig conform`. */
export function conformCommand(
  program: Command,
  io: Io,
  done: (passed: boolean, status?: number) => void,
): void {
  const command = program
    .command('conform')
    .argument(
      '<file>',
      'a module that exports a driver, or a model of one: default, model or driver; or a driver as .wasm',
    )
    .description(
      'put your driver through the suite, and say clause by clause what it kept and what it broke',
    );
  for (const option of [...suite(), ...terms(), ...report()]) command.addOption(option);
  command
    .addHelpText('after', ['\nScenarios:', ...SUITE.map(({ name }) => `  ${name}`)].join('\n'))
    .addHelpText('after', "\nExample: guestrig conform nic.ts --seed 1-10 --scenario 'power fails'")
    .action(async (file, args) => {
      const { conforms, hard } = await conform(file, args, io);
      if (conforms && hard === false) done(false, FELL);
      else done(conforms);
    });
}

function suite(): Option[] {
  return [
    single('--on <host>', 'QEMU in place of our machines: qemu or qemu:FILE', qemuOption).conflicts([
      'profile',
      'jobs',
      'trace',
    ]),
    single('--profile <name>', 'gce-n1 or qemu-pc (default: gce-n1)', profile),
    new Option(
      '--hostile',
      'play it against devices that lie, too: exit status 3 if it falls for one',
    ).conflicts('on'),
    single('--options <file>', 'options of the machines, as JSON', input),
    repeatable(
      '--scenario <name>',
      'one to play, or a part of its name; may be repeated (default: all)',
      scenarios,
    ),
    single('--jobs <n>', 'threads that play (default: as many as there are processors)', jobs),
    single('--host-time <ms>', 'time for a driver that makes no access (default: 1000)', milliseconds),
    single('--seed <n>', 'a seed, or from one to another, as 1-50 (default: 1)', seeds),
  ];
}

function terms(): Option[] {
  return [
    repeatable('--only <clause>', 'judge this one, or those that begin so; may be repeated', clausesBelow),
    repeatable(
      '--waive <name=reason>',
      'a rule that may be broken, or a scenario that need not be finished, and why; may be repeated',
      suiteWaiver,
    ),
    repeatable('--require <clause>', 'fail if nothing reached it; may be repeated', clause),
    single('--baseline <file>', 'what is known to be wrong: only what is new fails', input),
    single('--write-baseline <file>', 'write down what is wrong now, to be known from now on', path),
  ];
}

function report(): Option[] {
  return [
    single('--reporter <name>', REPORTER_ABOUT, reporter),
    single('--out <file>', 'write the report there, and print it in words', path),
    single('--trace <file>', `of what failed, ${TRACE_ABOUT}: docs/ci.md`, tracePath),
  ];
}
