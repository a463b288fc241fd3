import { verdictsOf, type Waivers } from '../conformance/index.ts';
import { MisuseError } from '../core/misuse.ts';
import { V86Host } from '../hosts/v86/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { ClauseId } from '../rules/index.ts';
import type { BootEnd } from './boot-end.ts';
import { guestOf, namingFile } from './boot-guest.ts';
import { passed, renderBoot } from './boot-report.ts';
import { BootRun, type HostMaker } from './boot-run.ts';
import type { Io } from './io.ts';
import { kvmMaker } from './kvm/kvm-maker.ts';
import { type OnMachineArguments, onMachine } from './on-machine.ts';
import { type QemuArguments, qemuFor, runOnQemu } from './qemu/boot-on-qemu.ts';
import type { Reporter } from './reporter.ts';
import { readScript, type ScriptFile } from './script-file.ts';

type BootArguments = QemuArguments & OnMachineArguments & Terms;

/** The options of a boot's result. */
interface Terms {
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
  readonly reporter?: Reporter;
}

/**
 * `guestrig boot`. A report for programs has `io.out` for itself, and the guest's console goes to `io.err`.
 *
 * @returns whether no rule was broken, the guest did not crash, and the awaited text came.
 */
export async function boot(args: BootArguments, io: Io): Promise<boolean> {
  const { reporter = 'text' } = args;
  const run = args.on?.startsWith('qemu') ? onQemu(args) : onOurs(args, await makerOf(args.on));
  return onMachine(args, io, {}, async (machine) => {
    const end = await run(machine, reporter === 'text' ? io : { ...io, out: io.err });
    const verdicts = verdictsOf(machine.journal, waivers(args.waive));
    const report = { machine, end, verdicts };
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

function waivers(waive: BootArguments['waive'] = []): Waivers {
  return Object.fromEntries(waive);
}
