import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type HostOptions, type RunEnd, V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { MachineOptions } from '../../src/machine/options.ts';
import { MemoryMedium } from '../../src/media/memory.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with `vmlinux`, `bzImage` and `initrd`. */
    guest: string;
  }
}

export const RAM = 256 << 20;
/** As large as the disk of the log of November 2018. */
const SECTORS = 4_194_304;
const SECOND = 1_000_000_000;
/** No boot takes half of it. */
const LIMIT = 60 * SECOND;

/** A boot that is over. */
export interface Boot {
  readonly machine: Machine;
  readonly end: RunEnd;
  /** Output of ttyS0. */
  readonly text: string;
  /** Seconds of the host's processor until init ran. */
  readonly cpuSeconds: number;
}

export function guestFile(name: 'vmlinux' | 'bzImage' | 'initrd'): Uint8Array {
  return readFileSync(join(inject('guest'), name));
}

/**
 * The machine of the log of November 2018 as far as v86 can have it: two processors in the tables, a disk of the same
 * size with one partition. Frames are looped back, and so are the bytes of three serial ports.
 */
export function guestMachine(options: MachineOptions = {}): Machine {
  const machine = gceN1({
    vcpus: 2,
    memory: { below4G: RAM },
    disks: [{ medium: partitionedDisk(SECTORS) }],
    nics: [{ backend: 'loopback' }],
    ...options,
  });
  for (const serial of machine.serial.slice(1))
    serial.endpoint = { receive: (byte) => serial.type(Uint8Array.of(byte)) };
  onReport(machine, 'ttyS0 say', () => machine.serial[0]!.type('hello\n'));
  return machine;
}

/** Boots the test guest with `words` on its command line, and waits until it has ended. */
export async function boot(
  machine: Machine,
  words = '',
  options: HostOptions = {},
  limit = LIMIT,
): Promise<Boot> {
  const append = `console=ttyS0,115200 maxcpus=1 ${words}`;
  const linux = { kernel: guestFile('vmlinux'), initrd: guestFile('initrd'), append };
  const begin = process.cpuUsage();
  let cpuSeconds = Number.NaN;
  onReport(machine, 'init started 1', () => {
    const { user, system } = process.cpuUsage(begin);
    cpuSeconds = (user + system) / 1e6;
  });
  const host = await V86Host.create(machine, linux, options);
  const end = await host.run({ limit });
  await host.close();
  return { machine, end, text: machine.serial[0]!.text, cpuSeconds };
}

/** Does `act` when the guest's report says `words`. */
export function onReport(machine: Machine, words: string, act: () => void): void {
  let line = '';
  machine.events.on('serial', (port, byte) => {
    if (port !== 'ttyS0') return;
    line = byte === 0x0a ? '' : line + String.fromCharCode(byte);
    if (line === `report: ${words}`) act();
  });
}

/** The guest's reports: `disk wrote` → `9b5925ed`. */
export function reports(text: string): Map<string, string> {
  const lines = [...text.matchAll(/report: (\S+) (\S+) ([0-9a-f]+)/g)];
  return new Map(lines.map(([, what, how, number]) => [`${what} ${how}`, number!]));
}

/** A disk whose MBR has one Linux partition, from sector 2048 to the end. */
export function partitionedDisk(sectors: number): MemoryMedium {
  const sector = new Uint8Array(512);
  const view = new DataView(sector.buffer);
  sector[0x1be + 4] = 0x83;
  view.setUint32(0x1be + 8, 2048, true);
  view.setUint32(0x1be + 12, sectors - 2048, true);
  view.setUint16(0x1fe, 0xaa55, true);
  const medium = new MemoryMedium(sectors * 512);
  medium.write(0, sector, 0, 512);
  return medium;
}
