import { Command, CommanderError } from 'commander';
import { MisuseError } from '../core/misuse.ts';
import { DriverError, ScsiError } from '../guest/index.ts';
import { version } from './assets.ts';
import { auditCommand } from './audit-command.ts';
import { bootCommand } from './boot-command.ts';
import { clauses } from './clauses.ts';
import { conformCommand } from './conform-command.ts';
import type { Io } from './io.ts';
import { judgeLogCommand } from './judge-log/judge-log-command.ts';
import { lspci } from './lspci.ts';
import { checkNamedOnce } from './named-twice.ts';
import { oneLine } from './one-line.ts';
import { input, path, profile, repeatable, reporter, seed, single, tracePath } from './option-values.ts';
import { probe } from './probe.ts';
import { diffCommand } from './qemu/diff.ts';
import { qemuOption } from './qemu/on-qemu.ts';
import { qtestCommand } from './qtest/qtest-command.ts';
import { TRACE_ABOUT } from './records.ts';
import { REPORTER_ABOUT } from './reporter.ts';
import { serveCommand } from './serve/serve-command.ts';

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
  program
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
    .addOption(single('--profile <name>', 'gce-n1 or qemu-pc (default: gce-n1)', profile))
    .addOption(
      repeatable('--disk <file>', 'raw disk image, only read; may be repeated (default: a small ext4)', path),
    )
    .addOption(single('--pcap <file>', 'frames to send, pcap or pcapng (default: a recording)', input))
    .addOption(single('--options <file>', 'options of the machine, as JSON', input))
    .addOption(single('--seed <n>', 'every random choice comes from it (default: 1)', seed))
    .option('--no-hash', 'do not read disks whole, which takes long where they are large')
    .option('--json', 'report for programs: --reporter json')
    .addOption(single('--reporter <name>', REPORTER_ABOUT, reporter))
    .addOption(single('--log <file>', 'write down every access of the guest', path))
    .addOption(single('--trace <file>', TRACE_ABOUT, tracePath))
    .addHelpText('after', '\nExample: guestrig probe --disk boot.img --disk data.img --json')
    .action((args) => done(probe(args, io)));
  program
    .command('lspci')
    .description('print the PCI functions as lspci -xxx does')
    .addOption(single('--profile <name>', 'gce-n1 or qemu-pc (default: gce-n1)', profile))
    .addOption(single('--options <file>', 'options of the machine, as JSON', input))
    .addHelpText('after', '\nExample: guestrig lspci > dump && lspci -F dump -nnvv')
    .action((args) => lspci(args, io));
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
