import { buildMachine } from './computer.ts';
import { GCE_N1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { planFor } from './plan.ts';
import type { Profile } from './profile.ts';

/** EDX of CPUID leaf 1 of Intel's processors on KVM. */
const INTEL_EDX = 0x1f8b_fbff;
/** Family, model and stepping of Broadwell, Cascade Lake, Sapphire Rapids and Granite Rapids. */
const [BROADWELL, CASCADE_LAKE, SAPPHIRE_RAPIDS] = [0x0004_06f0, 0x0005_0657, 0x0008_06f8];
const GRANITE_RAPIDS = 0x000a_06d1;
const UEFI = { ...GCE_N1.firmware, kind: 'uefi' } as const;
/** An A3 and an A4, of the same generation, number no slots: guests name their NICs by addresses, enp0s12 and enp0s19. */
const UEFI_C3 = { ...UEFI, pc: { ...UEFI.pc!, numbersSlots: false } };

/** Where it was not seen to differ from an N1, it is one. docs/machines.md says what of these was seen, and where. */
export const GCE_N2: Profile = {
  ...GCE_N1,
  name: 'gce-n2',
  firmware: UEFI,
  cpuid: { eax: CASCADE_LAKE, edx: INTEL_EDX },
  nic: { type: 'gvnic', formats: ['GQI_QPL'] },
};

export const GCE_E2: Profile = {
  ...GCE_N1,
  name: 'gce-e2',
  cpuid: { eax: BROADWELL, edx: INTEL_EDX },
};

/** The first of the third generation: a gVNIC in slot 3, then a virtio-rng and NVMe; nothing of virtio-scsi. */
export const GCE_C3: Profile = {
  ...GCE_N1,
  name: 'gce-c3',
  firmware: UEFI_C3,
  cpuid: { eax: SAPPHIRE_RAPIDS, edx: INTEL_EDX },
  kvm: { tscKHz: 2_700_000, offers: true },
  disks: 'nvme',
  nic: { type: 'gvnic', formats: ['GQI_QPL', 'DQO_RDA'] },
  rng: true,
  firstSlot: 3,
};

/** As a C3, but NVMe controllers are on bus 3 and up. */
export const GCE_C4: Profile = {
  ...GCE_C3,
  name: 'gce-c4',
  cpuid: { eax: GRANITE_RAPIDS, edx: INTEL_EDX },
  switchSlot: 5,
};

/**
 * A Compute Engine N2 machine, after its UEFI: with a gVNIC, and disks by virtio-scsi.
 *
 * @throws MisuseError for an option that is wrong, before anything is opened.
 */
export function gceN2(options: MachineOptions = {}): Machine {
  return buildMachine(planFor(GCE_N2, options));
}

/**
 * A Compute Engine E2 machine, after its BIOS: with virtio-net, and disks by virtio-scsi.
 *
 * @throws MisuseError for an option that is wrong, before anything is opened.
 */
export function gceE2(options: MachineOptions = {}): Machine {
  return buildMachine(planFor(GCE_E2, options));
}

/**
 * A Compute Engine C3 machine, after its UEFI: with a gVNIC, and disks by NVMe.
 *
 * @example
 * const machine = gceC3({ disks: [{ file: 'boot.img' }], nics: [{ backend: 'loopback' }] });
 * machine.attach(nvmeDriver).namespaces;      // the disk is the first
 *
 * @throws MisuseError for an option that is wrong, before anything is opened.
 */
export function gceC3(options: MachineOptions = {}): Machine {
  return buildMachine(planFor(GCE_C3, options));
}

/**
 * A Compute Engine C4 machine, after its UEFI: as a C3, with its NVMe controllers behind bridges. A guest that looks at bus 0
 * alone finds no disk.
 *
 * @throws MisuseError for an option that is wrong, before anything is opened.
 */
export function gceC4(options: MachineOptions = {}): Machine {
  return buildMachine(planFor(GCE_C4, options));
}
