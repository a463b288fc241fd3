import { probeMachine, renderReport, reportJson } from '../conformance/index.ts';
import type { DiskOptions } from '../machine/devices/disks.ts';
import type { MachineOptions } from '../machine/options.ts';
import { readCapture } from '../trace/index.ts';
import { defaultDisk, defaultFrames } from './assets.ts';
import { readInput } from './input.ts';
import type { Io } from './io.ts';
import { buildMachine, type ProfileName } from './machines.ts';
import { optionsFrom } from './options-file.ts';
import { inside, wrongFile } from './reaching.ts';
import { logAccesses } from './records.ts';

const TEXT = 'guestrig probe\r\n';
const ETHERNET_HEADER = 14;

interface ProbeArguments {
  readonly profile?: ProfileName;
  readonly disk?: readonly string[];
  readonly pcap?: string;
  readonly options?: string;
  readonly seed?: number;
  readonly json?: true;
  readonly log?: string;
}

/** `guestrig probe`. @returns whether every verdict passed. */
export function probe(args: ProbeArguments, io: Io): boolean {
  const frames = args.pcap === undefined ? defaultFrames() : framesOf(args.pcap);
  const machine = buildMachine(args.profile, machineOptions(args));
  try {
    const log = logAccesses(machine, args.log);
    try {
      const report = probeMachine(machine, { text: TEXT, frames });
      io.out(args.json ? `${JSON.stringify(reportJson(report), null, 2)}\n` : renderReport(report, io));
      return !report.failed;
    } finally {
      log?.close();
    }
  } finally {
    machine.close();
  }
}

/** The command line takes precedence over the file, and the file over our defaults. */
function machineOptions(args: ProbeArguments): MachineOptions {
  const options = optionsFrom(args.options);
  const disks = args.disk?.map((file): DiskOptions => ({ file })) ?? options.disks;
  return {
    ...options,
    ...(args.seed === undefined ? {} : { seed: args.seed }),
    // Somebody's image is only read.
    disks: disks?.map((disk) => (disk.file ? { ...disk, readOnly: true } : disk)) ?? [
      { medium: defaultDisk() },
    ],
    // What is sent is to come back.
    nics: (options.nics ?? [{}]).map((nic) => ({ backend: 'loopback', ...nic })),
  };
}

function framesOf(file: string): Uint8Array[] {
  const bytes = readInput('pcap', file);
  const frames = inside('pcap', file, () => readCapture(bytes)).map(({ data }) => data);
  if (frames.length === 0) throw wrongFile('pcap', file, 'holds no frame');
  const short = frames.findIndex(({ length }) => length < ETHERNET_HEADER);
  if (short >= 0) throw wrongFile('pcap', file, `frame ${short + 1} is shorter than its header`);
  return frames;
}
