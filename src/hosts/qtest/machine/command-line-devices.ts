import { MisuseError } from '../../../core/misuse.ts';
import type { ScsiFacade } from '../../../machine/devices/adapters.ts';
import type { AnyDescriptor, Site } from '../../../machine/devices/descriptor.ts';
import { type Facades, type PlannedDevice, VIRTIO_DEVICES } from '../../../machine/devices/index.ts';
import { SCSI } from '../../../machine/devices/scsi.ts';
import { PlacedSite } from './placed-site.ts';

const NO_ADAPTER = 'a device behind a -device virtio-scsi-pci, and there is none';

/**
 * Plugs in the devices of a command line: all that the machine knows of them, so that each gets the slot that it asks
 * for.
 */
export class CommandLineDevices implements AnyDescriptor {
  readonly options = {};
  private readonly devices: readonly PlannedDevice[];
  private readonly adapter: { readonly slot: number | undefined } | null;
  private placed: PlacedSite | null = null;

  /** @param devices those of the machine's options. @param adapter the SCSI host adapter; null is none. */
  constructor(devices: readonly PlannedDevice[], adapter: { readonly slot: number | undefined } | null) {
    this.devices = devices;
    this.adapter = adapter;
  }

  plan(): null {
    return null;
  }

  plug(inner: Site): Facades {
    const site = new PlacedSite(inner);
    this.placed = site;
    const facades = this.devices.map(({ descriptor, settings }) => {
      if (descriptor !== SCSI) return descriptor.plug(site, settings);
      let facade: object = WITHOUT;
      if (this.adapter !== null)
        site.at(this.adapter.slot, () => {
          facade = descriptor.plug(site, settings);
        });
      return facade;
    });
    return Object.assign({}, ...facades) as Facades;
  }

  /** Once the machine is made. */
  get site(): PlacedSite {
    return this.placed!;
  }
}

function noAdapter(): never {
  throw new MisuseError('scsi-hd', 'no adapter', NO_ADAPTER);
}

const WITHOUT: ScsiFacade = {
  disks: [],
  scsiQueues: 0,
  addDisk: noAdapter,
  removeDisk: noAdapter,
  resizeDisk: noAdapter,
  refuseCommands: noAdapter,
};

const ON_PCI = /(?<=^virtio-\w+)-pci(-transitional|-non-transitional)?$/;
const VIRTIO = VIRTIO_DEVICES.map(({ virtio }) => virtio.driver);
const OTHERS = ['gvnic', 'scsi-hd', 'scsi-disk', 'scsi-cd', 'isa-serial'] as const;
/** A device that is not like other virtio devices: its properties are its own. */
export type OwnKind = (typeof OTHERS)[number] | 'virtio-net' | 'virtio-scsi';

/**
 * The kind of a device of `-device` or `device_add`: QEMU's name of its driver, of a virtio device without the bus;
 * undefined for a device that is not modelled.
 */
export function kindOf(driver: string | undefined): string | undefined {
  const kind = driver?.replace(ON_PCI, '');
  return [...VIRTIO, ...OTHERS].find((one) => one === kind);
}

/** QEMU's names of all drivers. */
export const DRIVERS: readonly string[] = [...VIRTIO.map((driver) => `${driver}-pci`), ...OTHERS];
