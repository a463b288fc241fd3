import type { GuestPort } from '../../../core/guest-port.ts';
import { type Adapter, bringUp } from '../../../guest/drivers/scsi/bring-up.ts';
import { barAddress, enable, findStructures } from '../../../guest/index.ts';
import { testUnitReady } from '../../../guest/scsi/commands.ts';
import { COMMAND } from '../../../pci/registers.ts';
import { placeFunctions } from '../machine/qemu-machine.ts';

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;

/** Where the devices are on both machines. */
export const SCSI = 0x18;
export const NIC = 0x20;
/** The disk's. */
export const TARGET = 1;

/** One of the two machines that are asked, its functions placed and switched on. */
export class Side {
  readonly port: GuestPort;
  private readonly places = new Map<number, number>();
  private scsi: Adapter | null = null;

  constructor(port: GuestPort) {
    this.port = port;
    placeFunctions(port);
    for (const bdf of [SCSI, NIC]) enable(port, bdf, IO_SPACE | MEMORY_SPACE | BUS_MASTER);
  }

  /** The ports of a legacy device. */
  header(bdf: number): number {
    return this.placeOf(bdf, () => barAddress(this.port, bdf, 0)!.address);
  }

  /** The common structure of a modern device. */
  common(bdf: number): number {
    return this.placeOf(bdf, () => findStructures(this.port, bdf)!.common);
  }

  /** The SCSI adapter in use. */
  get adapter(): Adapter {
    if (this.scsi === null) {
      this.scsi = bringUp(this.port, SCSI, { interrupts: 'polled' });
      // The power-on is reported once.
      this.scsi.runner.run({ target: TARGET, lun: 0 }, testUnitReady());
    }
    return this.scsi;
  }

  private placeOf(bdf: number, find: () => number): number {
    const place = this.places.get(bdf) ?? find();
    this.places.set(bdf, place);
    return place;
  }
}
