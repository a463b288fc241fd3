import { readFileSync } from 'node:fs';
import { PMBA, PMREGMISC } from '../../../chipset/registers/piix4-acpi.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { PciId } from '../../../core/driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { COM_PORTS } from '../../../core/places.ts';
import {
  assignBars,
  enumerate,
  functionsOf,
  identify,
  routeLines,
  writeRegister,
} from '../../../guest/index.ts';
import { FileMedium } from '../../../media/file.ts';
import { INTERRUPT_LINE } from '../../../pci/registers.ts';
import { readCapture } from '../../../trace/index.ts';
import { QemuPort } from '../port.ts';
import type { Qemu } from '../qemu-process.ts';
import {
  filesIn,
  type GceLikeOptions,
  gceLike,
  MAC,
  type MachineFiles,
  NIC_SLOT,
  SERIAL_IRQS,
} from './arguments.ts';

/** Control, event, and the request queues that the command line asks for. */
const SCSI_QUEUES = 2 + 1;

/** The NIC's other end: sent frames come back. */
class Cable {
  readonly fn = { bdf: NIC_SLOT << 3 };
  readonly mac = MAC;
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  get sent(): readonly Uint8Array[] {
    return readCapture(readFileSync(this.file)).map(({ data }) => data);
  }

  get sentTotal(): number {
    return this.sent.length;
  }

  receive(...frames: readonly Uint8Array[]): void {
    throw new MisuseError('nics[0].receive', frames, '', 'the cable of QEMU leads back: send from the guest');
  }
}

/** QEMU's machine that is nearest to Compute Engine's, from both ends: its guest's view, and the files that it writes. */
export class QemuMachine {
  readonly profile: { readonly name: string };
  readonly port: QemuPort;
  /** Its time is the host's, and nothing comes from a seed. */
  readonly seed = null;
  readonly scsiQueues = SCSI_QUEUES;
  readonly balloon = null;
  readonly disks: readonly { readonly target: number; readonly lun: number; readonly medium: FileMedium }[];
  readonly nics: readonly Cable[];
  readonly files: MachineFiles;

  /** @param disks raw images. */
  constructor(qemu: Qemu, disks: readonly string[], options: GceLikeOptions = {}) {
    const readOnly = options.writable !== true;
    let files: MachineFiles | undefined;
    this.profile = { name: `QEMU ${qemu.version}` };
    this.disks = disks.map((file, i) => ({
      target: i + 1,
      lun: 0,
      medium: FileMedium.open(file, { readOnly }),
    }));
    this.port = QemuPort.startOn(qemu, {
      arguments: (folder) => {
        files = filesIn(folder);
        return gceLike(files, disks, options);
      },
    });
    this.files = files!;
    this.nics = [new Cable(this.files.sent)];
    placeFunctions(this.port);
  }

  get ramBytes(): number {
    return this.port.ramBytes;
  }

  get now(): Nanos {
    return this.port.now();
  }

  get functions(): readonly { readonly bdf: number }[] {
    return functionsOf(this.port).map((bdf) => ({ bdf }));
  }

  idOf(bdf: number): PciId | null {
    return functionsOf(this.port).includes(bdf) ? identify(this.port, bdf) : null;
  }

  get serial(): readonly { readonly port: number; readonly irq: number; readonly text: string }[] {
    return COM_PORTS.map((port, i) => ({
      port,
      irq: SERIAL_IRQS[i]!,
      text: readFileSync(this.files.serial(i), 'latin1'),
    }));
  }

  close(): void {
    this.port.close();
    for (const { medium } of this.disks) medium.close();
  }
}

/** Compute Engine's firmware places base addresses here. */
const WINDOWS = {
  io: { base: 0xc000, end: 0xd000 },
  memory: { base: 0xfeb0_0000, end: 0xfec0_0000 },
};
const LINKS = [10, 10, 11, 11] as const;
const PIIX4_ACPI = 0x0b;
export const PM_PORTS = 0xb000;
const SCI = 9;

/** What Compute Engine's firmware does to the bus before a guest comes; QEMU's has none here. */
export function placeFunctions(port: GuestPort): void {
  routeLines(port, assignBars(port, enumerate(port), WINDOWS), [...LINKS]);
  if (!functionsOf(port).includes(PIIX4_ACPI)) return;
  writeRegister(port, PIIX4_ACPI, PMBA, PM_PORTS);
  writeRegister(port, PIIX4_ACPI, PMREGMISC, PMREGMISC.encode({ PMIOSE: 1 }));
  writeRegister(port, PIIX4_ACPI, INTERRUPT_LINE, SCI);
}
