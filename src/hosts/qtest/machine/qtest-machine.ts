import { readFileSync } from 'node:fs';
import type { Described, Region } from '../../../core/access.ts';
import type { MmioSpace } from '../../../core/address-space.ts';
import type { Width } from '../../../core/bits.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { registerBlock } from '../../../core/register-block.ts';
import { buildMachine } from '../../../machine/computer.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { planFor } from '../../../machine/plan.ts';
import type { Maker, Profile } from '../../../machine/profile.ts';
import { PROFILES } from '../../../machine/profiles.ts';
import { refusalOf } from '../../../media/file-errors.ts';
import type { CommandLine } from '../command-line/command-line.ts';
import { isOn, type Properties } from '../command-line/properties.ts';
import { CommandLineDevices, kindOf } from './command-line-devices.ts';
import { Devices, slotOf } from './devices.ts';
import { Drives } from './drives.ts';
import { Netdevs } from './netdevs.ts';
import { type Part, Parts } from './parts.ts';
import { PCI_HOTPLUG_BASE, PCI_HOTPLUG_SIZE, PCID, PCIEJ, PCIRMV, PCIU } from './registers.ts';

const BELOW_4G = (3072 << 20) >>> 0;

const FOUR_GIB = 0x1_0000_0000;
const MEGABYTE = 0x10_0000;
/** This much of its end is also visible below 1 MiB. */
const ISA_MOST = 0x2_0000;
const UNIT = 0x1_0000;
const MOST = 16 << 20;

type Interface = 'legacy' | 'transitional' | 'modern';

/** The default interface of a machine's virtio devices: both on QEMU, the legacy header on Compute Engine. */
const DEFAULT: Readonly<Record<Maker, Interface>> = { qemu: 'transitional', gce: 'legacy' };

/**
 * The interface that all virtio devices of a machine show.
 *
 * @throws MisuseError if they are to show different ones, which ours cannot.
 */
function interfaceOf(devices: readonly Properties[], { maker }: Profile): Interface {
  const virtio = devices.filter(({ driver }) => driver?.startsWith('virtio') && kindOf(driver) !== undefined);
  const wanted = virtio.map((device) => wantedBy(device) ?? DEFAULT[maker]);
  const [first = DEFAULT[maker]] = wanted;
  const other = wanted.find((one) => one !== first);
  if (other !== undefined)
    throw new MisuseError(
      '-device',
      other,
      `${first}, like the first: all virtio devices of a machine show the same`,
    );
  return first;
}

function wantedBy(device: Properties): Interface | undefined {
  if (device['driver']!.endsWith('-non-transitional') || isOn(device['disable-legacy'])) return 'modern';
  if (isOn(device['disable-modern'])) return 'legacy';
  return device['driver']!.endsWith('-transitional') ||
    device['disable-legacy'] === 'off' ||
    device['disable-modern'] === 'off'
    ? 'transitional'
    : undefined;
}

/** Read-only bytes. */
class Rom implements Region {
  readonly name = 'firmware';
  readonly size: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.size = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  read(offset: number, width: Width): number {
    if (width === 1) return this.view.getUint8(offset);
    return width === 2 ? this.view.getUint16(offset, true) : this.view.getUint32(offset, true);
  }

  write(): void {}
}

/**
 * Places a firmware where a PC's processor begins: it ends at 4 GiB, and its last part at 1 MiB. @throws MisuseError for
 * a size that no ROM has.
 */
function mapRom(mmio: MmioSpace, bytes: Uint8Array): void {
  const { length } = bytes;
  if (length === 0 || length % UNIT !== 0 || length > MOST)
    throw new MisuseError('-bios', length, 'a multiple of 64 KiB, up to 16 MiB');
  mmio.map(FOUR_GIB - length, new Rom(bytes));
  const low = bytes.subarray(Math.max(0, length - ISA_MOST));
  mmio.map(MEGABYTE - low.length, new Rom(low));
}

/** The machine of a command line, with its hotplug. */
export class QtestMachine {
  readonly machine: Machine;
  /** Its command line. */
  readonly line: CommandLine;
  readonly parts = new Parts();
  readonly drives: Drives;
  readonly netdevs: Netdevs;
  readonly devices: Devices;
  readonly hotplug: PciHotplug;
  /** Called for each device that was removed. */
  onGone: (part: Part) => void = () => {};

  /**
   * @param options of the machine, which override the command line. @param date the clock's date if those have none.
   * @throws MisuseError for a machine that cannot be built.
   */
  constructor(line: CommandLine, options: MachineOptions, date: string) {
    const plan = planFor(PROFILES[line.profile], optionsOf(line, options, date));
    const asked = line.devices.find(({ driver }) => kindOf(driver) === 'virtio-scsi');
    const hasAdapter = asked !== undefined || options.disks !== undefined || options.scsi !== undefined;
    const plugged = new CommandLineDevices(
      plan.devices,
      hasAdapter ? { slot: slotOf(asked?.['addr']) } : null,
    );
    // Time is the client's: no access takes any, as in QEMU under qtest.
    const { accessTime = 0 } = options;
    const machine = buildMachine({
      machine: { ...plan.machine, accessTime },
      devices: [{ descriptor: plugged, settings: null }],
    });
    this.machine = machine;
    this.line = line;
    this.drives = new Drives(line.drives);
    this.netdevs = new Netdevs(line.netdevs);
    const netdev = (id: string | undefined) => this.netdevs.find(id);
    const { parts, drives } = this;
    this.devices = new Devices({ machine, site: plugged.site, parts, drives, netdev });
    this.hotplug = new PciHotplug(parts, (part) => this.onGone(part));
    machine.chassis.ports.map(PCI_HOTPLUG_BASE, this.hotplug, 'bridge');
    machine.events.on('reset', () => this.hotplug.reset());
    if (line.firmware !== null) mapRom(machine.chassis.mmio, romOf(line.firmware));
    for (const device of line.devices) this.devices.add(device);
  }

  /**
   * Adds a device to the running machine; the guest is notified of a PCI function. @throws MisuseError as
   * `devices.add`.
   */
  plug(device: Properties): void {
    const { fn } = this.devices.add(device);
    if (fn !== null) this.hotplug.came(fn.bdf >> 3);
  }

  /** Removes a device: a PCI function when the guest ejects it, or at a reset; any other at once. */
  unplug(id: string): void {
    const part = this.parts.find(id);
    if (part === undefined) return;
    if (part.fn !== null) this.hotplug.asksToGo(part.fn.bdf >> 3);
    else {
      this.parts.remove(part);
      this.onGone(part);
    }
  }

  close(): void {
    this.netdevs.close();
    this.machine.close();
  }
}

/** The options of the command line, overridden by the user's. */
function optionsOf(line: CommandLine, options: MachineOptions, date: string): MachineOptions {
  return {
    firmware: false,
    fwCfg: true,
    patience: false,
    date: line.date ?? date,
    vcpus: line.vcpus,
    virtio: interfaceOf(line.devices, PROFILES[line.profile]),
    nics: [],
    disks: [],
    ...options,
    memory: {
      below4G: Math.min(line.memory, BELOW_4G),
      above4G: Math.max(0, line.memory - BELOW_4G),
      ...options.memory,
    },
    serial: { pace: 'instant', ...options.serial },
  };
}

function romOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new MisuseError('-bios', path, 'a file', refusalOf(error));
  }
}

const REGISTERS = registerBlock([PCIU, PCID, PCIEJ, PCIRMV]);
const SLOTS = 32;

/** PCI hotplug by ACPI: a device is removed when the guest ejects it, or at a reset of the machine. */
class PciHotplug implements Region {
  readonly name = 'pcihp';
  readonly size = PCI_HOTPLUG_SIZE;
  readonly widths = 4;
  private readonly parts: Parts;
  private readonly onGone: (part: Part) => void;
  private up = 0;
  private down = 0;

  /** @param onGone called with each ejected function. */
  constructor(parts: Parts, onGone: (part: Part) => void) {
    this.parts = parts;
    this.onGone = onGone;
  }

  read(offset: number): number {
    if (offset === PCID.offset) return this.down;
    if (offset === PCIRMV.offset) return this.removable();
    if (offset !== PCIU.offset) return 0;
    const { up } = this;
    this.up = 0;
    return up;
  }

  write(offset: number, value: number): void {
    if (offset === PCIEJ.offset) this.eject(value);
  }

  came(slot: number): void {
    this.up = (this.up | (1 << slot)) >>> 0;
  }

  asksToGo(slot: number): void {
    this.down = (this.down | (1 << slot)) >>> 0;
  }

  /** No guest is left to eject the devices that were to be removed. */
  reset(): void {
    this.eject(this.down);
    this.up = 0;
  }

  describe(access: Described): string {
    return REGISTERS.describe(access, this.name);
  }

  private eject(slots: number): void {
    this.down = (this.down & ~slots) >>> 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (((slots >>> slot) & 1) === 0) continue;
      for (const part of this.parts.inSlot(slot)) {
        if (part.remove === null) continue;
        this.parts.remove(part);
        this.onGone(part);
      }
    }
  }

  private removable(): number {
    let slots = 0;
    for (let slot = 0; slot < SLOTS; slot++)
      if (this.parts.inSlot(slot).some(({ remove }) => remove !== null)) slots |= 1 << slot;
    return slots >>> 0;
  }
}
