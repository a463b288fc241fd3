import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProbedMachine, type ProbeReport, probeElsewhere } from '../../conformance/index.ts';
import type { ProbeErrand } from '../../guest/index.ts';
import { differsFrom } from '../../hosts/qemu/differences/index.ts';
import { findQemu, HAS_PIIX4 } from '../../hosts/qemu/find-qemu.ts';
import { QemuMachine } from '../../hosts/qemu/machine/qemu-machine.ts';
import { defaultDisk } from '../assets.ts';
import { rawDisks } from '../disk-file.ts';
import type { Io } from '../io.ts';
import { tellLength } from '../shown-medium.ts';
import { binaryOf } from './on-qemu.ts';

const BLOCK = 512;
/** In the host's time, a frame may take long: 50 ms. */
const SILENCE = 50_000_000;

/** Lets the reference guest use QEMU's machine that is nearest to Compute Engine's. @param show gets the result. */
export function probeOnQemu(
  on: string,
  disks: readonly string[] | undefined,
  errand: ProbeErrand,
  io: Io,
  show: (report: ProbeReport<ProbedMachine>) => void,
): void {
  const qemu = findQemu(binaryOf(on), HAS_PIIX4);
  rawDisks(disks, {});
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  try {
    const machine = new QemuMachine(qemu, disks ?? [usualDisk(folder)]);
    try {
      tellLength(machine.disks, errand, io);
      show(probeElsewhere(machine, { ...errand, silence: SILENCE }, differsFrom));
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
