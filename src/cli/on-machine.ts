import { MisuseError, misuseOf } from '../core/misuse.ts';
import type { DiskOptions } from '../machine/devices/disks.ts';
import type { NicOptions } from '../machine/devices/net.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import type { ProfileName } from '../machine/profile.ts';
import { FileMedium } from '../media/file.ts';
import { OverlayMedium } from '../media/overlay.ts';
import type { NetBackend } from '../net/backends/index.ts';
import type { GceNetwork } from '../net/gce/index.ts';
import { bootNetwork, bootWire, type NetworkArguments } from './boot-network.ts';
import { openForwards } from './forward.ts';
import type { Io } from './io.ts';
import { buildMachine, optionsFrom, rawDisks } from './machines.ts';
import { captureFrames, logAccesses, traceTo } from './records.ts';
import { SEABIOS_RING, seabiosNote } from './seabios-ring.ts';

const RAM = 256 << 20;
const SERIAL_CONSOLE = { files: { 'etc/sercon-port': 0x3f8 } };

interface BootMachineArguments extends NetworkArguments {
  readonly kernel?: string;
  readonly firmware?: string;
  /** What runs the guest; left out, v86. */
  readonly on?: string;
  readonly options?: string;
  readonly profile?: ProfileName;
  readonly memory?: number;
  /** CPUs of a guest on QEMU. */
  readonly smp?: number;
  readonly seed?: number;
  readonly disk?: readonly string[];
  /** The guest's writes go into the files. */
  readonly write?: true;
}

/** A machine to boot on, and the network behind its first NIC. */
interface Rigged {
  readonly machine: Machine;
  readonly network: GceNetwork | null;
}

/** Settings of the command itself. */
interface Asked {
  readonly more?: MachineOptions;
  /** The backend of the first NIC, if there is no network. */
  readonly wire?: NetBackend | null;
}

/**
 * The machine to boot on. The command line takes precedence over the file, and the file over our defaults.
 *
 * @param note called with the reason why a BIOS will not find its disk.
 */
export function bootMachine(
  args: BootMachineArguments,
  note: (line: string) => void,
  { more = {}, wire = null }: Asked = {},
): Rigged {
  const { profile, memory, seed, disk, smp } = args;
  const options = { ...optionsFrom(args.options), ...more };
  const elsewhere = args.on?.startsWith('qemu') === true;
  const boots = args.firmware !== undefined || (elsewhere && args.kernel === undefined);
  const disks = rawDisks(disk, options) ?? [];
  const network = bootNetwork(args, { ...options, ...(seed === undefined ? {} : { seed }), disks });
  const behind = network ?? wire;
  const opened: FileMedium[] = [];
  try {
    const machine = buildMachine(profile, {
      memory: { below4G: RAM },
      ...options,
      ...(memory === undefined ? {} : { memory: { ...options.memory, below4G: memory } }),
      ...(seed === undefined ? {} : { seed }),
      ...(smp === undefined ? {} : { vcpus: smp }),
      disks: args.write ? disks : disks.map((one) => unwritten(one, opened)),
      ...(elsewhere ? { firmware: false } : {}),
      ...(boots ? forSeabios(options) : {}),
      ...(behind === null ? {} : { nics: pluggedInto(behind, options.nics) }),
    });
    if (boots) note(seabiosNote(machine));
    return { machine, network };
  } catch (error) {
    for (const file of opened) file.close();
    throw memory === undefined ? error : namingMemory(error);
  }
}

function pluggedInto(backend: NetBackend, [first = {}, ...others]: readonly NicOptions[] = []): NicOptions[] {
  return [{ ...first, backend }, ...others];
}

/** A disk whose file stays unchanged: the guest's writes stay in memory. */
export function unwritten(disk: DiskOptions, opened: FileMedium[]): DiskOptions {
  const { file, ...rest } = disk;
  if (file === undefined || disk.readOnly === true) return disk;
  const below = FileMedium.open(file, { readOnly: true });
  opened.push(below);
  return { ...rest, medium: new OverlayMedium(below) };
}

/** SeaBIOS accepts queues of up to 256 entries, and shows its screen on a serial port if fw_cfg says so. */
function forSeabios({ scsi, fwCfg = SERIAL_CONSOLE }: MachineOptions): MachineOptions {
  return { firmware: false, fwCfg, scsi: { ringSize: SEABIOS_RING, ...scsi } };
}

/** A machine's error about RAM names the option. */
function namingMemory(error: unknown): unknown {
  return error instanceof MisuseError && error.path === 'memory.below4G'
    ? misuseOf({ path: '--memory', message: `--memory${error.message.slice(error.path.length)}` })
    : error;
}

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
  try {
    return await onBuilt(args, bootMachine(args, io.err, { more, wire }), run);
  } finally {
    await wire?.close();
  }
}

async function onBuilt<T>(
  args: OnMachineArguments,
  { machine, network }: ReturnType<typeof bootMachine>,
  run: (machine: Machine) => Promise<T>,
): Promise<T> {
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
  }
}
