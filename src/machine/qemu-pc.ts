import { RAM_BELOW_4G_MAX } from '../core/memory.ts';
import { FEATURE } from '../virtio/registers.ts';
import { buildMachine } from './computer.ts';
import { GCE_N1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { planFor } from './plan.ts';
import type { Profile } from './profile.ts';

const QEMU_SUBSYSTEM = { subsystemVendor: 0x1af4, subsystem: 0x1100 } as const;

/**
 * QEMU 10's `pc` machine with legacy virtio and the PIIX4 south bridge, as far as it is modelled: its MSI-X layout,
 * ring features and sizes, IOAPIC version. Its IDE function is left out. See docs/fidelity.md.
 */
export const QEMU_PC: Profile = {
  name: 'qemu-pc',
  maker: 'qemu',
  firmware: {
    kind: 'bios',
    pc: { links: [10, 10, 11, 11], elcr: [0x00, 0x0c], pmba: 0x0600, gpe0: 0xafe0, numbersSlots: false },
    ioBase: 0xc000,
    memoryStart: RAM_BELOW_4G_MAX,
    memoryEnd: 0xfebc_2000,
    tables: false,
  },
  express: null,
  cpuid: GCE_N1.cpuid,
  kvm: { ...GCE_N1.kvm, offers: false },
  disks: 'scsi',
  nic: { type: 'virtio', formats: ['GQI_QPL'] },
  switchSlot: null,
  rng: false,
  firstSlot: 4,
  bridges: {
    host: { status: 0x0000 },
    isa: { revision: 0, status: 0x0200, ...QEMU_SUBSYSTEM },
    acpi: { status: 0x0280, ...QEMU_SUBSYSTEM },
  },
  ringFeatures: [
    FEATURE.NOTIFY_ON_EMPTY,
    FEATURE.ANY_LAYOUT,
    FEATURE.INDIRECT_DESC,
    FEATURE.EVENT_IDX,
    FEATURE.UNUSED_30,
  ],
  msix: { size: 4096, pba: 0x800 },
  serialIrqs: [4, 3, 4, 3],
  keyboardLocked: false,
  ioapic: { version: 0x20, timerPin: 2 },
  rtc: { uipTime: 244_140, reformats: true, counting: [0, 1, 2, 3, 4, 5], ratesFromTick: true },
  confaddReadBack: 0xffff_ffff,
};

/**
 * A QEMU `pc`, for drivers that work there: what differs on `gceN1()` is new to them.
 *
 * @throws MisuseError for an option that is wrong, before anything is opened.
 */
export function qemuPc(options: MachineOptions = {}): Machine {
  return buildMachine(planFor(QEMU_PC, options));
}
