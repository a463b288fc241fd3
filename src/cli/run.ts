import { type Stats, statSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { MisuseError } from '../core/misuse.ts';
import { version } from '../core/version.ts';
import { visible } from '../core/visible.ts';
import { DriverError, ScsiError } from '../guest/index.ts';
import type { ProfileName } from '../machine/profile.ts';
import { wrongFile } from '../media/file-errors.ts';
import { lspciText } from '../trace/index.ts';
import { auditCommand } from './audit-command.ts';
import { bootCommand } from './boot-command.ts';
import { clauses } from './clauses.ts';
import { conformCommand } from './conform-command.ts';
import { diskCommand } from './disk-command.ts';
import { imageCommand } from './image-command.ts';
import type { Io } from './io.ts';
import { judgeLogCommand } from './judge-log/judge-log-command.ts';
import { buildMachine, optionsFrom } from './machines.ts';
import {
  input,
  machineOptions,
  path,
  repeatable,
  reporter,
  seed,
  single,
  tracePath,
} from './option-values.ts';
import { probe } from './probe.ts';
import { diffCommand } from './qemu/diff.ts';
import { qemuOption } from './qemu/on-qemu.ts';
import { qtestCommand } from './qtest/qtest-command.ts';
import { TRACE_ABOUT } from './records.ts';
import { REPORTER_ABOUT } from './reporter.ts';
import { serveCommand } from './serve/serve-command.ts';
import { rulesOption } from './terms.ts';

const PASS = 0;
const FAIL = 1;
const MISUSE = 2;
/** Columns of help that is not for a terminal. */
const HELP_WIDTH = 80;
/** Columns beside the option names, below which descriptions are not wrapped. */
const NARROWEST = 20;

/**
 * The command line.
 *
 * @param argv what follows the program's name.
 * @returns the exit status: 0; 1 if a verdict fails, or another that a command has for that; 2 for misuse, with one line
 * on `io.err`.
 * @example await run(['probe', '--disk', 'boot.img'], { out: write, err: write, color: false })
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let status = PASS;
  const program = commands(io, (passed, failed = FAIL) => {
    status = passed ? PASS : failed;
  });
  try {
    if (argv.length === 0) program.error('no command given: guestrig --help lists them');
    await program.parseAsync(helpOf(program, argv), { from: 'user' });
    return status;
  } catch (error) {
    return statusOf(error, io);
  }
}

/** `help boot` as `boot --help`; an unknown command has the same error as elsewhere. */
function helpOf(program: Command, [first, ...rest]: readonly string[]): readonly string[] {
  if (first !== 'help') return [first!, ...rest];
  const [name] = rest;
  if (name === undefined) return ['--help'];
  return program.commands.some((command) => command.name() === name) ? [name, '--help'] : [name];
}

function commands(io: Io, done: (passed: boolean, failed?: number) => void): Command {
  const program = new Command('guestrig')
    .description('The virtual hardware of Google Compute Engine, and a guest that tries it.')
    .version(version())
    .helpCommand('help [command]', 'show what a command takes')
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      outputError: () => {},
      getOutHelpWidth: () => io.width ?? HELP_WIDTH,
    })
    .configureHelp({ minWidthToWrap: NARROWEST })
    .addHelpText('after', '\nExample: guestrig probe --disk boot.img')
    .hook('preAction', (_program, command) => checkNamedOnce(command.opts(), command.args));
  const probing = program
    .command('probe')
    .description('let a guest find and use every part of a machine, and say what held')
    .addOption(
      single('--on <host>', 'QEMU in place of a machine of ours: qemu or qemu:FILE', qemuOption).conflicts([
        'profile',
        'options',
        'seed',
        'log',
        'trace',
      ]),
    )
    .addOption(
      repeatable('--disk <file>', 'raw disk image, only read; may be repeated (default: a small ext4)', path),
    )
    .addOption(single('--pcap <file>', 'frames to send, pcap or pcapng (default: a recording)', input))
    .addOption(single('--options <file>', 'options of the machine, as JSON', input))
    .addOption(single('--seed <n>', 'every random choice comes from it (default: 1)', seed))
    .addOption(rulesOption())
    .option('--no-hash', 'do not read disks whole, which takes long where they are large')
    .option('--json', 'report for programs: --reporter json')
    .addOption(single('--reporter <name>', REPORTER_ABOUT, reporter))
    .addOption(single('--log <file>', 'write down every access of the guest', path))
    .addOption(single('--trace <file>', TRACE_ABOUT, tracePath))
    .addHelpText('after', '\nExample: guestrig probe --disk boot.img --disk data.img --json')
    .action((args) => done(probe(args, io)));
  const listing = program
    .command('lspci')
    .description('print the PCI functions as lspci -xxx does')
    .addOption(single('--options <file>', 'options of the machine, as JSON', input))
    .addHelpText('after', '\nExample: guestrig lspci > dump && lspci -F dump -nnvv')
    .action((args) => lspci(args, io));
  for (const command of [probing, listing]) for (const option of machineOptions()) command.addOption(option);
  program
    .command('clauses')
    .argument('[id]', 'a clause, as virtio/FEAT-D1, or how some begin, as virtio/NET')
    .description(
      'list the rules for drivers, or explain one: what it asks, and what a driver hears that breaks it',
    )
    .addHelpText('after', '\nExample: guestrig clauses virtio/FEAT-D1')
    .action((id) => clauses(id, io));
  conformCommand(program, io, done);
  bootCommand(program, io, done);
  serveCommand(program, io, done);
  diffCommand(program, io, done);
  auditCommand(program, io, done);
  diskCommand(program, io);
  imageCommand(program, io, done);
  qtestCommand(program, io, done);
  judgeLogCommand(program, io, done);
  return program;
}

function statusOf(error: unknown, io: Io): number {
  if (error instanceof CommanderError && error.exitCode === 0) return PASS; // --help, --version
  if (error instanceof CommanderError || error instanceof MisuseError) {
    io.err(oneLine(error.message.replace(/^error: /, '')));
    return MISUSE;
  }
  if (error instanceof DriverError || error instanceof ScsiError) {
    io.err(oneLine(`the guest gave up: ${error.message}`));
    return FAIL;
  }
  throw error;
}

/** Options that name a command's output files. */
const WRITTEN = ['log', 'trace', 'out', 'pcap', 'writeBaseline'];

/**
 * Refuses to write to a file that another option or an operand names: it may be a disk, or a driver's source.
 *
 * @throws MisuseError with the file's name.
 */
function checkNamedOnce(options: Readonly<Record<string, unknown>>, operands: readonly string[]): void {
  const named = Object.entries({ ...options, '': operands }).flatMap(([name, value]) =>
    [value].flat().flatMap((path) => {
      const file = typeof path === 'string' ? fileAt(path) : null;
      return file === null ? [] : [{ name, path: String(path), file }];
    }),
  );
  for (const { name, path, file } of named.filter((one) => WRITTEN.includes(one.name))) {
    // A baseline is read before it is written.
    const others = named.filter(
      (one) => one.name !== name && !(name === 'writeBaseline' && one.name === 'baseline'),
    );
    if (others.some((one) => one.file.dev === file.dev && one.file.ino === file.ino))
      throw wrongFile(name, path, 'is named twice, and would be written over');
  }
}

/** Null if it is not a regular file. */
function fileAt(path: string): Stats | null {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat : null;
  } catch {
    return null;
  }
}

/** The parts of a longer message that are shown: its beginning says what is wrong, its end why. */
const HEAD = 400;
const TAIL = 200;

/**
 * A message as one line that a terminal can show: without cursor movements, changes of direction or an excessive length.
 */
export function oneLine(text: string): string {
  const flat = text.trim().replaceAll(/\s+/g, ' ');
  const cut = flat.length > HEAD + TAIL ? `${flat.slice(0, HEAD)} … ${flat.slice(-TAIL)}` : flat;
  return `${visible(cut)}\n`;
}

const CONFIG_BYTES = 256;

interface LspciArguments {
  readonly profile?: ProfileName;
  readonly options?: string;
}

/** `guestrig lspci`: no disk is opened for it. */
function lspci(args: LspciArguments, io: Io): void {
  const machine = buildMachine(args.profile, { ...optionsFrom(args.options), disks: [] });
  const functions = machine.functions.map((fn) => ({
    bdf: fn.bdf,
    bytes: Uint8Array.from({ length: CONFIG_BYTES }, (_, offset) => fn.readConfig(offset, 1)),
  }));
  machine.close();
  io.out(lspciText(functions));
}
