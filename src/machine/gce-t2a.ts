import { buildMachine } from './computer.ts';
import { GCE_N1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { planFor } from './plan.ts';
import type { Profile } from './profile.ts';

/**
 * What a T2A shows, which is an Arm machine: a guest of January 2023 printed its PCI bus and its UARTs. Nothing of a PC is
 * there; docs/fidelity.md says what is missing.
 */
export const GCE_T2A: Profile = {
  ...GCE_N1,
  name: 'gce-t2a',
  firmware: {
    kind: 'uefi',
    pc: null,
    // Where Linux puts it: the firmware left it 0, which is no address.
    ioBase: 0x1000,
    memoryStart: 0x1000_0000,
    memoryEnd: 0x3eff_0000,
    tables: true,
  },
  express: { ram: 0x4000_0000, ecam: 0x3f00_0000, buses: 16, ports: 0x3eff_0000 },
  cpuid: { eax: 0, edx: 0 },
  kvm: { tscKHz: 1_000_000, offers: false },
  disks: 'nvme',
  nic: { type: 'gvnic', formats: ['GQI_QPL'] },
  // The first as on QEMU's machine, whose map of memory it has; nothing shows the others.
  serialIrqs: [33, 40, 41, 42],
  switchSlot: null,
  rng: true,
  firstSlot: 0,
};

/**
 * A Compute Engine T2A machine, which is an Arm, after its UEFI: a gVNIC, a virtio-rng, disks by NVMe, and four UARTs. It
 * has no interrupt controller, and no processor that runs a guest: drivers poll.
 *
 * @example
 * const machine = gceT2A();
 * configRead(machine.port, 0, 0, 4);      // 00421ae0: by machine.port.ecam, in memory
 *
 * @throws MisuseError for an option that is wrong, before anything is opened.
 */
export function gceT2A(options: MachineOptions = {}): Machine {
  return buildMachine(planFor(GCE_T2A, options));
}
