import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { type BootMachineArguments, bootMachine } from './boot-machine.ts';
import { bootWire } from './boot-network.ts';
import { openForwards } from './forward.ts';
import type { Io } from './io.ts';
import { captureFrames, logAccesses, traceTo } from './records.ts';

/** A machine of the command line, and its records. */
export interface OnMachineArguments extends BootMachineArguments {
  readonly pcap?: string;
  readonly log?: string;
  readonly trace?: string;
}

/**
 * Builds the machine of a command, with its network, its forwards and its records, and closes all of them when `run` is
 * over, however it ends.
 */
export async function onMachine<T>(
  args: OnMachineArguments,
  io: Io,
  more: MachineOptions,
  run: (machine: Machine) => Promise<T>,
): Promise<T> {
  const wire = await bootWire(args);
  const { machine, network } = bootMachine(args, io.err, { more, wire });
  const records = [];
  let closeForwards = () => {};
  try {
    if (network !== null) closeForwards = await openForwards(network, args.forward ?? []);
    records.push(
      logAccesses(machine, args.log),
      captureFrames(machine, args.pcap),
      traceTo(machine, args.trace),
    );
    return await run(machine);
  } finally {
    closeForwards();
    for (const record of records) record?.close();
    machine.close();
    await wire?.close();
  }
}
