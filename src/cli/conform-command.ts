import { type Command, Option } from 'commander';
import { LIES } from '../conformance/hostile/index.ts';
import { SUITE } from '../conformance/index.ts';
import { checkShard } from '../conformance/suite/options.ts';
import { MisuseError } from '../core/misuse.ts';
import { conform } from './conform.ts';
import type { Io } from './io.ts';
import {
  anyText,
  input,
  machineOptions,
  path,
  repeatable,
  reporter,
  seed,
  single,
  tracePath,
} from './option-values.ts';
import { qemuOption } from './qemu/on-qemu.ts';
import { TRACE_ABOUT } from './records.ts';
import { REPORTER_ABOUT } from './reporter.ts';
import { termOptions } from './terms.ts';

/** Exit status of a driver that conforms, and does not bear devices that lie. */
const FELL = 3;

/** More threads would only wait for each other. */
const JOBS_MAX = 256;
/** An hour. */
const MILLISECONDS_MAX = 3_600_000;
/** More would take hours. */
const SEEDS_MAX = 10_000;

/** `7`, or `1-50`. */
function seeds(name: string, value: string): readonly number[] {
  const [first, last, ...rest] = value.split('-');
  if (last === undefined || first === '' || rest.length > 0) return [seed(name, value)];
  const [from, to] = [seed(name, first!), seed(name, last)];
  if (to < from || to - from >= SEEDS_MAX)
    throw new MisuseError(name, value, `a seed, or a range of up to ${SEEDS_MAX} seeds (example 1-50)`);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function jobs(name: string, value: string): number {
  return whole(name, value, JOBS_MAX);
}

function milliseconds(name: string, value: string): number {
  return whole(name, value, MILLISECONDS_MAX);
}

function whole(name: string, value: string, most: number): number {
  if (!/^\d+$/.test(value) || !(Number(value) >= 1 && Number(value) <= most))
    throw new MisuseError(name, value, `a whole number from 1 to ${most}`);
  return Number(value);
}

/** The scenario of that name, or else those whose names contain it. */
function scenarios(name: string, value: string): readonly string[] {
  const names = [...SUITE, ...LIES].map((scenario) => scenario.name);
  if (names.includes(value)) return [value];
  const found = names.filter((one) => one.toLowerCase().includes(value.toLowerCase()));
  if (value === '' || found.length === 0)
    throw new MisuseError(name, value, 'a scenario (guestrig help conform lists them)');
  return found;
}

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
    .addHelpText('after', ['\nWith --hostile:', ...LIES.map(({ name }) => `  ${name}`)].join('\n'))
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
    ...machineOptions(),
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
    single('--shard <k/n>', 'a part of the scenarios: 1/2 and 2/2 are all of them', checkShard).conflicts([
      'require',
      'writeBaseline',
    ]),
    single('--jobs <n>', 'threads that play (default: as many as there are processors)', jobs),
    single('--host-time <ms>', 'time for a driver that makes no access (default: 1000)', milliseconds),
    single('--seed <n>', 'a seed, or from one to another, as 1-50 (default: 1)', seeds),
  ];
}

function terms(): Option[] {
  return [
    repeatable('--only <clause>', 'judge this one, or those that begin so; may be repeated', anyText),
    ...termOptions(),
    repeatable('--require <clause>', 'fail if nothing reached it; may be repeated', anyText),
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
