import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ProbedMachine,
  type ProbeReport,
  probeElsewhere,
  probeMachine,
  renderReport,
  reportJson,
} from '../conformance/index.ts';
import { probeReport } from '../conformance/probe/report.ts';
import type { ProbeTask } from '../guest/index.ts';
import { differsFrom } from '../hosts/qemu/differences/index.ts';
import { QemuMachine } from '../hosts/qemu/machine/qemu-machine.ts';
import { findQemu, HAS_PIIX4 } from '../hosts/qemu/qemu-process.ts';
import type { DiskOptions } from '../machine/devices/disks.ts';
import type { MachineOptions } from '../machine/options.ts';
import type { ProfileName } from '../machine/profile.ts';
import { FileMedium } from '../media/file.ts';
import { inside, wrongFile } from '../media/file-errors.ts';
import { formatOf } from '../media/magics.ts';
import { MemoryMedium } from '../media/memory.ts';
import { readCapture } from '../trace/index.ts';
import { defaultDisk, defaultFrames } from './assets.ts';
import { readInput } from './input.ts';
import type { Io } from './io.ts';
import { buildMachine, optionsFrom, rawDisks } from './machines.ts';
import { binaryOf } from './qemu/on-qemu.ts';
import { logAccesses, traceTo } from './records.ts';
import { inForm, type Reporter } from './reporter.ts';
import { ShownMedium, tellLength } from './shown-medium.ts';

const TEXT = 'guestrig probe\r\n';
const ETHERNET_HEADER = 14;

interface ProbeArguments {
  /** `qemu`, or `qemu:` and a file; else it is our own machine. */
  readonly on?: string;
  readonly profile?: ProfileName;
  readonly disk?: readonly string[];
  readonly pcap?: string;
  readonly options?: string;
  readonly seed?: number;
  readonly rules?: string;
  /** False: disks are not read whole. */
  readonly hash: boolean;
  readonly json?: true;
  readonly reporter?: Reporter;
  readonly log?: string;
  readonly trace?: string;
}

/** `guestrig probe`. @returns whether every verdict passed. */
export function probe(args: ProbeArguments, io: Io): boolean {
  const frames = args.pcap === undefined ? defaultFrames() : framesOf(args.pcap);
  const task = { text: TEXT, frames, wholeDisks: args.hash };
  let failed = false;
  const show = (report: ProbeReport<ProbedMachine>) => {
    failed = report.failed;
    const forms = {
      report: () => probeReport(report),
      text: () => renderReport(report, io),
      json: () => reportJson(report),
    };
    io.out(inForm(args.json ? 'json' : (args.reporter ?? 'text'), forms, io));
  };
  if (args.on === undefined) probeOurs(args, task, io, show);
  else probeOnQemu(args.on, args, task, io, show);
  return !failed;
}

function rulesOf({ rules }: Pick<ProbeArguments, 'rules'>) {
  return rules === undefined ? {} : { rules };
}

function probeOurs(args: ProbeArguments, task: ProbeTask, io: Io, show: (report: ProbeReport) => void): void {
  const machine = buildMachine(args.profile, machineOptions(args, io));
  try {
    tellLength(machine.disks, task, io);
    const records = [logAccesses(machine, args.log), traceTo(machine, args.trace)];
    try {
      show(probeMachine(machine, task, rulesOf(args)));
    } finally {
      for (const record of records) record?.close();
    }
  } finally {
    io.progress?.('');
    machine.close();
  }
}

/** The command line takes precedence over the file, and the file over our defaults. */
function machineOptions(args: ProbeArguments, io: Io): MachineOptions {
  const options = optionsFrom(args.options);
  const disks = rawDisks(args.disk, options);
  return {
    ...options,
    ...(args.seed === undefined ? {} : { seed: args.seed }),
    disks: disks?.map((disk) => onlyRead(disk, io)) ?? [{ medium: defaultDisk() }],
    // Sent frames must come back.
    nics: (options.nics ?? [{}]).map((nic) => ({ backend: 'loopback', ...nic })),
  };
}

/** A user's image is read-only, and a terminal shows the progress. */
function onlyRead(disk: DiskOptions, { progress }: Io): DiskOptions {
  const { file, bytes, ...rest } = disk;
  if (progress === undefined) return file === undefined ? disk : { ...disk, readOnly: true };
  if (file !== undefined)
    return { ...rest, medium: new ShownMedium(file, FileMedium.open(file, { readOnly: true }), progress) };
  if (bytes === undefined) return disk;
  const medium = new MemoryMedium(bytes, rest.readOnly === undefined ? {} : { readOnly: rest.readOnly });
  return { ...rest, medium: new ShownMedium('in memory', medium, progress) };
}

function framesOf(file: string): Uint8Array[] {
  const bytes = readInput('pcap', file);
  const format = formatOf(bytes);
  if (format !== null && format !== 'gzip')
    throw wrongFile('pcap', file, `is compressed with ${format}, and only gzip is read`);
  const frames = inside('pcap', file, () => readCapture(bytes)).map(({ data }) => data);
  if (frames.length === 0) throw wrongFile('pcap', file, 'holds no frame');
  const short = frames.findIndex(({ length }) => length < ETHERNET_HEADER);
  if (short >= 0) throw wrongFile('pcap', file, `frame ${short + 1} is shorter than its header`);
  return frames;
}

const BLOCK = 512;
/** In the host's time, a frame may take long: 50 ms. */
const SILENCE = 50_000_000;

/** Lets the reference guest use QEMU's machine that is nearest to Compute Engine's. @param show gets the result. */
function probeOnQemu(
  on: string,
  args: Pick<ProbeArguments, 'disk' | 'rules'>,
  task: ProbeTask,
  io: Io,
  show: (report: ProbeReport<ProbedMachine>) => void,
): void {
  const qemu = findQemu(binaryOf(on), HAS_PIIX4);
  const { disk: disks } = args;
  rawDisks(disks, {});
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  try {
    const machine = new QemuMachine(qemu, disks ?? [usualDisk(folder)]);
    try {
      tellLength(machine.disks, task, io);
      show(probeElsewhere(machine, { ...task, silence: SILENCE }, differsFrom, rulesOf(args)));
    } finally {
      machine.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function usualDisk(folder: string): string {
  const medium = defaultDisk();
  const bytes = new Uint8Array(medium.blocks * BLOCK);
  medium.read(0, bytes, 0, bytes.length);
  const path = join(folder, 'disk.img');
  writeFileSync(path, bytes);
  return path;
}
