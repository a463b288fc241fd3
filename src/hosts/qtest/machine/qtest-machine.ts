import { readFileSync } from 'node:fs';
import { MisuseError } from '../../../core/misuse.ts';
import { buildMachine } from '../../../machine/computer.ts';
import { GCE_N1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { planFor } from '../../../machine/plan.ts';
import type { ProfileName } from '../../../machine/profile.ts';
import { QEMU_PC } from '../../../machine/qemu-pc.ts';
import { refusalOf } from '../../../media/file-refusal.ts';
import type { CommandLine } from '../command-line/command-line.ts';
import type { Properties } from '../command-line/properties.ts';
import { Bay } from './adapter-disks.ts';
import { kindOf } from './device-kinds.ts';
import { Devices, slotOf } from './devices.ts';
import { Drives } from './drives.ts';
import { PciHotplug } from './hotplug.ts';
import { Netdevs } from './netdevs.ts';
import { type Part, Parts } from './parts.ts';
import { PCI_HOTPLUG_BASE } from './registers.ts';
import { mapRom } from './rom.ts';
import { interfaceOf } from './virtio-interface.ts';

const PROFILES = { 'qemu-pc': QEMU_PC, 'gce-n1': GCE_N1 } as const satisfies Record<ProfileName, object>;
const BELOW_4G = (3072 << 20) >>> 0;

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
    const asked = line.devices.find(({ driver }) => kindOf(driver) === 'adapter');
    const hasAdapter = asked !== undefined || options.disks !== undefined || options.scsi !== undefined;
    const bay = new Bay(plan.devices, hasAdapter ? { slot: slotOf(asked?.['addr']) } : null);
    // Time is the client's: no access takes any, as in QEMU under qtest.
    const { accessTime = 0 } = options;
    const machine = buildMachine({
      machine: { ...plan.machine, accessTime },
      devices: [{ descriptor: bay, settings: null }],
    });
    this.machine = machine;
    this.line = line;
    this.drives = new Drives(line.drives);
    this.netdevs = new Netdevs(line.netdevs);
    const netdev = (id: string | undefined) => this.netdevs.find(id);
    const { parts, drives } = this;
    this.devices = new Devices({ machine, site: bay.site, parts, drives, netdev });
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
    virtio: interfaceOf(line.devices, line.profile),
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
