import { RAM_BELOW_4G_MAX } from '../core/memory.ts';
import { MMIO } from '../core/places.ts';
import { buildMachine } from './computer.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { planFor } from './plan.ts';
import type { Profile } from './profile.ts';

/**
 * What Compute Engine shows on machine type N1, as guests printed it. What was not observed
 * (seg_max, cmd_per_lun, the place of the capability) is a guess, named in docs/fidelity.md.
 */
export const GCE_N1: Profile = {
  name: 'gce-n1',
  maker: 'gce',
  firmware: {
    kind: 'bios',
    pc: { links: [10, 10, 11, 11], elcr: [0x00, 0x0c], pmba: 0xb000, gpe0: 0xafe0, numbersSlots: true },
    ioBase: 0xc000,
    memoryStart: RAM_BELOW_4G_MAX,
    memoryEnd: MMIO.IO_APIC,
    tables: true,
  },
  express: null,
  // Of the one machine whose SMBIOS showed it, AMD's of 2019.
  cpuid: { eax: 0x0083_0f10, edx: 0x178b_fbff },
  kvm: { tscKHz: 2_300_000, offers: true },
  disks: 'scsi',
  nic: { type: 'virtio', formats: ['GQI_QPL'] },
  switchSlot: null,
  rng: false,
  firstSlot: 4,
  bridges: {},
  ringFeatures: [],
  msix: {},
  serialIrqs: [4, 3, 6, 7],
  keyboardLocked: true,
  ioapic: { version: 0x11, timerPin: 0 },
};

/**
 * A Compute Engine N1 machine, where its firmware hands over to the operating system.
 *
 * @example
 * const machine = gceN1({ nics: [{ backend: 'loopback' }], disks: [{ file: 'disk.img' }] });
 * const nic = machine.attach(myNet);
 * nic.send(new Uint8Array(60));
 * machine.nics[0]!.sent.length;        // 1
 * machine.findings;                    // what the driver did wrong
 * machine.close();
 *
 * @throws MisuseError for an option that is wrong, before anything is opened.
 */
export function gceN1(options: MachineOptions = {}): Machine {
  return buildMachine(planFor(GCE_N1, options));
}
