import { MisuseError } from '../../../core/misuse.ts';
import { VIRTIO_DEVICES } from '../../../machine/devices/index.ts';
import type { Nic } from '../../../machine/devices/nic.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { NetBackend } from '../../../net/backends/backend.ts';
import type { PciFunction } from '../../../pci/pci-function.ts';
import { countOf, type Properties } from '../command-line/properties.ts';
import { DRIVERS, kindOf, type OwnKind } from './command-line-devices.ts';
import type { Drives } from './drives.ts';
import type { Part, Parts } from './parts.ts';
import type { PlacedSite } from './placed-site.ts';

const ADDRESS = /^(?:0x)?([0-9a-f]{1,2})(?:\.0)?$/i;
const LAST_SLOT = 31;

/** The backends of devices. */
interface Surroundings {
  readonly machine: Machine;
  readonly site: PlacedSite;
  readonly parts: Parts;
  readonly drives: Drives;
  /** @throws MisuseError if no `-netdev` has this id. */
  readonly netdev: (id: string | undefined) => NetBackend | null;
}

/** A part without its name and driver. */
type Plugged = Omit<Part, 'id' | 'driver'>;
type Maker = (device: Properties) => Plugged;

/** Builds the devices of a command line, and those added later. */
export class Devices {
  /** The backend of each NIC. */
  readonly wires = new Map<Nic, NetBackend | null>();
  private readonly on: Surroundings;
  /** By kind. */
  private readonly makers: ReadonlyMap<string, Maker>;

  constructor(on: Surroundings) {
    this.on = on;
    const plain = VIRTIO_DEVICES.map((kind): [string, Maker] => [
      kind.virtio.driver,
      (device) =>
        this.plugged(device, () => kind.plug(on.site, kind.plan(kind.virtio.options, on.site.plan))),
    ]);
    const own: Readonly<Record<OwnKind, Maker>> = {
      'virtio-net': (device) => this.addNic(device),
      'virtio-scsi': (device) => this.adapter(device),
      'scsi-hd': (device) => this.addDisk(device, false),
      'scsi-disk': (device) => this.addDisk(device, false),
      'scsi-cd': (device) => this.addDisk(device, true),
      'isa-serial': () => ({ fn: null, remove: null }),
    };
    this.makers = new Map([...plain, ...Object.entries(own)]);
  }

  /** @throws MisuseError for a device that is not modelled, or has no slot. */
  add(device: Properties): Part {
    const { driver, id } = device;
    const maker = this.makers.get(kindOf(driver) ?? '');
    if (maker === undefined) throw new MisuseError('device', driver, `one of ${DRIVERS.join(', ')}`);
    this.on.parts.checkFree(id);
    const part: Part = { id: id ?? null, driver: driver!, ...maker(device) };
    this.on.parts.add(part);
    return part;
  }

  private addNic({ addr, mac, netdev, mrg_rxbuf, rx_queue_size }: Properties): Plugged {
    const { machine, site } = this.on;
    const backend = this.on.netdev(netdev);
    const before = machine.nics.length;
    const fn = site.at(slotOf(addr), () =>
      machine.addNic({
        ...(mac === undefined ? {} : { mac }),
        ...(backend === null ? {} : { backend }),
        ...(mrg_rxbuf === 'off' ? { mergeable: false } : {}),
        ...(rx_queue_size === undefined ? {} : { ringSize: countOf('rx_queue_size', rx_queue_size) }),
      }),
    );
    const nic = machine.nics[before]!;
    this.wires.set(nic, backend);
    const remove = () => {
      machine.removeNic(nic);
      this.wires.delete(nic);
    };
    return { fn, remove };
  }

  /** The machine has it from the beginning. */
  private adapter({ addr }: Properties): Plugged {
    const { machine, parts } = this.on;
    const fn = machine.functions.find(({ name }) => name === 'scsi0') as PciFunction | undefined;
    if (fn === undefined || parts.inSlot(fn.bdf >> 3).length > 0)
      throw new MisuseError(
        'device',
        'virtio-scsi-pci',
        '',
        'the machine has its only virtio-scsi-pci from the start',
      );
    const slot = slotOf(addr);
    if (slot !== undefined && slot !== fn.bdf >> 3)
      throw new MisuseError('addr', addr, 'the slot of the first adapter');
    return { fn, remove: null };
  }

  private addDisk(device: Properties, readOnly: boolean): Plugged {
    const { machine, drives } = this.on;
    const medium = drives.open(device['drive'], readOnly);
    const target = device['scsi-id'];
    try {
      const disk = machine.addDisk({
        medium,
        target: target === undefined ? this.freeTarget() : countOf('scsi-id', target),
        lun: countOf('lun', device['lun'] ?? '0'),
      });
      return { fn: null, remove: () => machine.removeDisk(disk) };
    } catch (error) {
      medium.close();
      throw error;
    }
  }

  /** QEMU counts from 0. */
  private freeTarget(): number {
    let target = 0;
    while (this.on.machine.disks.some((disk) => disk.target === target)) target++;
    return target;
  }

  private plugged({ addr }: Properties, plug: () => void): Plugged {
    const fn = this.on.site.at(slotOf(addr), plug);
    return { fn, remove: () => this.on.site.unplug(fn) };
  }
}

/** `04.0`, `0x4`, `4`: hexadecimal, and function 0. @throws MisuseError for any other. */
export function slotOf(addr: string | undefined): number | undefined {
  if (addr === undefined) return undefined;
  const [, digits] = ADDRESS.exec(addr) ?? [];
  const slot = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
  if (!(slot >= 1 && slot <= LAST_SLOT))
    throw new MisuseError('addr', addr, 'a slot from 1 to 1f, with function 0');
  return slot;
}
