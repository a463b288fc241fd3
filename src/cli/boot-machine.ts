import { MisuseError } from '../core/misuse.ts';
import type { DiskOptions } from '../machine/devices/disks.ts';
import type { Machine } from '../machine/machine.ts';
import { FileMedium } from '../media/file.ts';
import { OverlayMedium } from '../media/overlay.ts';
import { buildMachine, type ProfileName } from './machines.ts';
import { optionsFrom } from './options-file.ts';

const RAM = 256 << 20;

export interface BootMachineArguments {
  readonly firmware?: string;
  readonly options?: string;
  readonly profile?: ProfileName;
  readonly memory?: number;
  readonly seed?: number;
  readonly disk?: readonly string[];
  /** What the guest writes goes into the files. */
  readonly write?: true;
}

/** The machine to boot on. The command line takes precedence over the file, and the file over our defaults. */
export function bootMachine(args: BootMachineArguments): Machine {
  const { firmware, profile, memory, seed, disk } = args;
  const options = optionsFrom(args.options);
  const disks = disk?.map((file): DiskOptions => ({ file })) ?? options.disks ?? [];
  const opened: FileMedium[] = [];
  try {
    return buildMachine(profile, {
      memory: { below4G: RAM },
      ...options,
      ...(memory === undefined ? {} : { memory: { ...options.memory, below4G: memory } }),
      ...(seed === undefined ? {} : { seed }),
      disks: args.write ? disks : disks.map((one) => unwritten(one, opened)),
      ...(firmware === undefined ? {} : { firmware: false }),
    });
  } catch (error) {
    for (const file of opened) file.close();
    throw memory === undefined ? error : namingMemory(error);
  }
}

/** A disk whose file stays as it is: what the guest writes is kept in memory. */
function unwritten(disk: DiskOptions, opened: FileMedium[]): DiskOptions {
  const { file, ...rest } = disk;
  if (file === undefined || disk.readOnly === true) return disk;
  const below = FileMedium.open(file, { readOnly: true });
  opened.push(below);
  return { ...rest, medium: new OverlayMedium(below) };
}

/** What the machine says of RAM is told of the option that asked for so much. */
function namingMemory(error: unknown): unknown {
  return error instanceof MisuseError && error.path === 'memory.below4G'
    ? new MisuseError('--memory', error.value, '', error.message.slice(error.path.length + 2))
    : error;
}
