import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1, gceNetwork, type Machine } from '../../src/index.ts';
import { FileMedium } from '../../src/media/file.ts';
import { OverlayMedium } from '../../src/media/overlay.ts';
import { type MeasuredUnder, measured, ROOT } from '../host.ts';
import { BOOT_CELLS, type BootCell, MARKS } from './cells.ts';

const FIRMWARE = '/usr/share/seabios/bios.bin';
const RAM = 256 << 20;
const SEABIOS_RING = 256;
const SECOND = 1_000_000_000;
const LIMIT = 600 * SECOND;

/** A stage of a boot, and the cost since power-on. */
export interface BootMark {
  readonly name: string;
  /** Seconds of the guest's time. */
  readonly virtual: number;
  /** Billions of instructions. */
  readonly instructions: number;
  /** Seconds of the host's processors, including V8's compiler threads. */
  readonly cpu: number;
}

export type BootResult = MeasuredUnder<{ readonly name: string; readonly marks: readonly BootMark[] }>;

/** Makes the disk, unless it exists, and boots it once in each way. */
export async function measureBoots(only: (name: string) => boolean): Promise<BootResult> {
  const said = execFileSync(join(ROOT, 'test/guests/debian/disk.sh'), { encoding: 'utf8' });
  const folder = said.trim().split('\n').at(-1)!;
  const load = loadavg()[0]!;
  const cells = [];
  for (const cell of BOOT_CELLS.filter(({ name }) => only(name)))
    cells.push({ name: cell.name, marks: await measureBoot(cell, folder) });
  return { ...measured(1, cells), load };
}

async function measureBoot({ append }: BootCell, folder: string): Promise<BootMark[]> {
  const file = (name: string) => join(folder, name);
  const disk = FileMedium.open(file('disk.img'), { readOnly: true });
  using machine = gceN1({
    ...(append === null ? { firmware: false, scsi: { ringSize: SEABIOS_RING } } : {}),
    memory: { below4G: RAM },
    disks: [{ medium: new OverlayMedium(disk) }],
    nics: [{ backend: gceNetwork() }],
  });
  const begun = process.cpuUsage();
  const guest =
    append === null
      ? { firmware: readFileSync(FIRMWARE) }
      : { kernel: readFileSync(file('vmlinuz')), initrd: readFileSync(file('initrd.img')), append };
  await using host = await V86Host.create(machine, guest);
  const watch = new Watch(machine, () => host['cpu'].instructions);
  await host.run({ limit: LIMIT, until: () => watch.over(begun) });
  return watch.marks;
}

/** Detects the boot's stage on the console. */
class Watch {
  readonly marks: BootMark[] = [];
  private readonly machine: Machine;
  private readonly counter: () => number;
  private instructions = 0;
  private seen = 0;

  /** @param counter number of executed instructions, modulo 2^32. */
  constructor(machine: Machine, counter: () => number) {
    this.machine = machine;
    this.counter = counter;
  }

  over(begun: NodeJS.CpuUsage): boolean {
    const now = this.counter();
    this.instructions += (now - this.seen) >>> 0;
    this.seen = now;
    const next = Object.entries(MARKS)[this.marks.length];
    if (next === undefined) return true;
    const [name, words] = next;
    if (!this.machine.serial[0]!.text.includes(words)) return false;
    const { user, system } = process.cpuUsage(begun);
    const [virtual, cpu] = [this.machine.now / SECOND, (user + system) / 1e6];
    this.marks.push({ name, virtual, instructions: this.instructions / 1e9, cpu });
    return false;
  }
}
