import { verdictsOf, type Waivers } from '../conformance/index.ts';
import { V86Host } from '../hosts/v86/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { ClauseId } from '../rules/index.ts';
import type { BootEnd } from './boot-end.ts';
import { guestOf, namingFile } from './boot-guest.ts';
import { type BootMachineArguments, bootMachine } from './boot-machine.ts';
import { bootWire } from './boot-network.ts';
import { type BootReporter, passed, renderBoot } from './boot-report.ts';
import { BootRun, type HostMaker } from './boot-run.ts';
import { openForwards } from './forward.ts';
import type { Io } from './io.ts';
import { kvmMaker } from './kvm/kvm-maker.ts';
import { type QemuArguments, qemuFor, runOnQemu } from './qemu/boot-on-qemu.ts';
import { captureFrames, logAccesses, traceTo } from './records.ts';
import { readScript } from './script-file.ts';

type BootArguments = QemuArguments & BootMachineArguments & Terms;

/** What is made of a boot. */
interface Terms {
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
  readonly reporter?: BootReporter;
  readonly pcap?: string;
  readonly log?: string;
  readonly trace?: string;
}

/**
 * `guestrig boot`. A report for programs has `io.out` for itself, and the guest's console goes to `io.err`.
 *
 * @returns whether no rule was broken, the guest did not crash, and what was waited for came.
 */
export async function boot(args: BootArguments, io: Io): Promise<boolean> {
  const { reporter = 'text' } = args;
  const run = args.on?.startsWith('qemu') ? onQemu(args) : onOurs(args, await makerOf(args.on));
  const wire = await bootWire(args);
  const { machine, network } = bootMachine(args, io.err, { wire });
  const records = [];
  let closeForwards = () => {};
  try {
    if (network !== null) closeForwards = await openForwards(network, args.forward ?? []);
    records.push(
      logAccesses(machine, args.log),
      captureFrames(machine, args.pcap),
      traceTo(machine, args.trace),
    );
    const end = await run(machine, reporter === 'text' ? io : { ...io, out: io.err });
    const verdicts = verdictsOf(machine.journal, waivers(args.waive));
    const report = { machine, end, verdicts };
    io.out(renderBoot(report, reporter, io));
    return passed(report);
  } finally {
    closeForwards();
    for (const record of records) record?.close();
    machine.close();
    await wire?.close();
  }
}

/** Runs the guest, on a machine that is there. What is wrong with it was said before. */
type Run = (machine: Machine, io: Io) => Promise<BootEnd>;

function onQemu(args: BootArguments): Run {
  const qemu = qemuFor(args);
  return (machine, io) => runOnQemu(qemu, args, machine, io);
}

function makerOf(on = 'v86'): HostMaker | Promise<HostMaker> {
  return on.startsWith('kvm') ? kvmMaker(on) : V86Host.create;
}

/** On a machine that is ours as a whole. */
function onOurs(args: BootArguments, maker: HostMaker): Run {
  const { until, limit, script: path } = args;
  const guest = guestOf(args);
  const script = path === undefined ? null : { path, statements: readScript(path) };
  return (machine, io) =>
    new BootRun(machine, { until, limit, script }, io, maker).toItsEnd(guest).catch((error) => {
      throw namingFile(args, error);
    });
}

function waivers(waive: BootArguments['waive'] = []): Waivers {
  return Object.fromEntries(waive);
}
