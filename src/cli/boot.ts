import { verdictsOf, type Waivers } from '../conformance/index.ts';
import type { Nanos } from '../core/bits.ts';
import type { ClauseId } from '../rules/index.ts';
import { type GuestArguments, guestOf, namingFile } from './boot-guest.ts';
import { type BootMachineArguments, bootMachine } from './boot-machine.ts';
import { type BootReporter, passed, renderBoot } from './boot-report.ts';
import { BootRun } from './boot-run.ts';
import { openForwards } from './forward.ts';
import type { Io } from './io.ts';
import { captureFrames, logAccesses } from './records.ts';
import { readScript } from './script-file.ts';

interface BootArguments extends GuestArguments, BootMachineArguments {
  readonly firmware?: string;
  readonly until?: string;
  readonly limit?: Nanos;
  readonly script?: string;
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
  readonly reporter?: BootReporter;
  readonly pcap?: string;
  readonly log?: string;
}

/**
 * `guestrig boot`. A report for programs has `io.out` for itself, and the guest's console goes to `io.err`.
 *
 * @returns whether no rule was broken, the guest did not crash, and what was waited for came.
 */
export async function boot(args: BootArguments, io: Io): Promise<boolean> {
  const { until, limit, reporter = 'text' } = args;
  const guest = guestOf(args);
  const script =
    args.script === undefined ? null : { path: args.script, statements: readScript(args.script) };
  const { machine, network } = bootMachine(args, io.err);
  const records = [];
  let closeForwards = () => {};
  try {
    if (network !== null) closeForwards = await openForwards(network, args.forward ?? []);
    records.push(logAccesses(machine, args.log), captureFrames(machine, args.pcap));
    const shown = reporter === 'text' ? io : { ...io, out: io.err };
    const run = new BootRun(machine, { until, limit, script }, shown);
    const end = await run.toItsEnd(guest).catch((error) => {
      throw namingFile(args, error);
    });
    const verdicts = verdictsOf(machine.journal, waivers(args.waive));
    const report = { machine, end, verdicts };
    io.out(renderBoot(report, reporter, io));
    return passed(report);
  } finally {
    closeForwards();
    for (const record of records) record?.close();
    machine.close();
  }
}

function waivers(waive: BootArguments['waive'] = []): Waivers {
  return Object.fromEntries(waive);
}
