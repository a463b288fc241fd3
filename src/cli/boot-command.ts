import { type Command, Option } from 'commander';
import { MisuseError } from '../core/misuse.ts';
import { KvmHost } from '../hosts/kvm/index.ts';
import { V86Host } from '../hosts/v86/index.ts';
import type { Machine } from '../machine/machine.ts';
import { PROFILES } from '../machine/profiles.ts';
import type { BootEnd } from './boot-end.ts';
import { guestOf, namingFile } from './boot-guest.ts';
import { passed, renderBoot } from './boot-report.ts';
import { BootRun, type HostMaker } from './boot-run.ts';
import type { Io } from './io.ts';
import { type OnMachineArguments, onMachine } from './on-machine.ts';
import {
  anyText,
  bootHost,
  cpus,
  input,
  machineOptions,
  path,
  repeatable,
  reporter,
  seed,
  single,
  size,
  someText,
  time,
} from './option-values.ts';
import { type QemuArguments, qemuFor, runOnQemu } from './qemu/boot-on-qemu.ts';
import { REPORTER_ABOUT, type Reporter } from './reporter.ts';
import { readScript, type ScriptFile } from './script-file.ts';
import { networkOptions, recordOptions } from './shared-options.ts';
import { type TermArguments, Terms, termOptions } from './terms.ts';

export type BootArguments = QemuArguments & OnMachineArguments & Result;

/** The options of a boot's result. */
interface Result extends TermArguments {
  readonly reporter?: Reporter;
}

/**
 * `guestrig boot`. A report for programs has `io.out` for itself, and the guest's console goes to `io.err`.
 *
 * @returns whether no rule was broken, the guest did not crash, and the awaited text came.
 */
export async function boot(args: BootArguments, io: Io): Promise<boolean> {
  const { reporter = 'text' } = args;
  const terms = new Terms(args, io);
  if (args.profile !== undefined && PROFILES[args.profile].express !== null)
    throw new MisuseError('--machine', args.profile, '', 'is an Arm, and no host here is one');
  const run = args.on?.startsWith('qemu') ? onQemu(args) : onOurs(args, await makerOf(args.on));
  return onMachine(args, io, {}, async (machine) => {
    const end = await run(machine, reporter === 'text' ? io : { ...io, out: io.err });
    const report = { machine, end, rules: terms.rules, verdicts: terms.verdicts(machine.journal) };
    io.out(renderBoot(report, reporter, io));
    return passed(report);
  });
}

/** Runs the guest on a given machine, after all checks. */
type Run = (machine: Machine, io: Io) => Promise<BootEnd>;

function onQemu(args: BootArguments): Run {
  const qemu = qemuFor(args);
  const script = scriptOf(args);
  return (machine, io) => runOnQemu(qemu, args, script, machine, io);
}

function makerOf(on = 'v86'): HostMaker | Promise<HostMaker> {
  return on.startsWith('kvm') ? kvmMaker(on) : V86Host.create;
}

/** On a machine that is ours as a whole. */
function onOurs(args: BootArguments, maker: HostMaker): Run {
  const { until, limit, smp, more } = args;
  if (more.length > 0) throw new MisuseError('boot', more[0], '', `takes "${more[0]}" only with --on qemu`);
  if (smp !== undefined) throw new MisuseError('--smp', smp, '', 'goes with --on qemu: others have one CPU');
  const guest = guestOf(args);
  const script = scriptOf(args);
  return (machine, io) =>
    new BootRun(machine, { until, limit, script }, io, maker).toItsEnd(guest).catch((error) => {
      throw namingFile(args, error);
    });
}

function scriptOf({ script }: BootArguments): ScriptFile | null {
  return script === undefined ? null : readScript(script);
}

/** Declares `guestrig boot`. */
export function bootCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  const command = program
    .command('boot')
    .description(
      'boot a Linux or a BIOS, show the first serial port, and say which rules held: one of 32 bits on v86, or any on KVM or QEMU',
    );
  command.argument(
    '[arguments...]',
    "QEMU's, behind --: guestrig boot --on qemu --disk root.img -- -cpu Haswell",
  );
  for (const option of [...guest(), ...machine(), ...networkOptions(), ...end(), ...recordOptions()])
    command.addOption(option);
  command
    .addHelpText('after', '\nExample: guestrig boot --kernel vmlinux --initrd initrd --disk root.img')
    .action(async (more, args) => done(await boot({ ...args, more }, io)));
}

function guest(): Option[] {
  return [
    single('--on <host>', 'the host that runs it: v86, kvm, qemu or qemu:FILE (default: v86)', bootHost),
    single('--kernel <file>', 'vmlinux or bzImage, for i386 where v86 runs it', input),
    single('--initrd <file>', 'initial RAM file system', input),
    single('--append <text>', 'command line (default: console=ttyS0,115200)', anyText),
    single('--firmware <file>', 'a BIOS in place of a kernel', input).conflicts([
      'kernel',
      'initrd',
      'append',
    ]),
  ];
}

function machine(): Option[] {
  return [
    repeatable('--disk <file>', 'raw disk image; may be repeated', path),
    new Option('--snapshot', 'what the guest writes to disks is kept in memory: the default'),
    new Option('--write', 'what the guest writes to disks goes into their files').conflicts('snapshot'),
    single('--memory <size>', 'RAM, such as 64M or 1G (default: 256M)', size),
    single('--smp <n>', 'CPUs, each with a pair of queues of the NIC, on QEMU (default: 1)', cpus),
    ...machineOptions(),
    single('--seed <n>', 'every random choice comes from it (default: 1)', seed),
    single('--options <file>', 'options of the machine, as JSON', input),
  ];
}

function end(): Option[] {
  return [
    single(
      '--until <text>',
      'end when the console printed it, and fail if it does not (within --limit, or 10min)',
      someText,
    ),
    single('--limit <time>', "end after so much of the guest's time, such as 30s or 500ms", time),
    single('--script <file>', 'what to expect on the console and what to send: docs/command-line.md', input),
    ...termOptions(),
    single('--reporter <name>', REPORTER_ABOUT, reporter),
  ];
}

const SLOW = 'kvm:slow';

/** Called before anything is built. @throws MisuseError if this system has no processor for a guest. */
async function kvmMaker(on: string): Promise<HostMaker> {
  const options = { slow: on === SLOW };
  await KvmHost.check(options);
  return (machine, guest) => KvmHost.create(machine, guest, options);
}
