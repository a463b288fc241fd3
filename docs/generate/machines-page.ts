import { bdfText, hex } from '../../src/core/bits.ts';
import { buildMachine } from '../../src/machine/computer.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { planFor } from '../../src/machine/plan.ts';
import type { ProfileName } from '../../src/machine/profile.ts';
import { PROFILES } from '../../src/machine/profiles.ts';
import { code, page, table } from './markdown.ts';

const INTRODUCTION = `Written by \`npm run docs\` from the profiles in \`src/machine\` and the list in \`docs/generate/machines-page.ts\`; a test compares.

\`--machine c3\` of \`probe\`, \`lspci\`, \`boot\`, \`conform\` and \`audit\` names one, \`gceC3()\` makes it, \`profile: 'gce-c3'\` is the option of \`conform()\`. All
take the same [options](options.md). What differs from an N1 beyond this page is a guess that it does not: [fidelity](fidelity.md#other-series).`;

const MADE: Readonly<Record<ProfileName, string>> = {
  'gce-n1': 'gceN1()',
  'gce-n2': 'gceN2()',
  'gce-e2': 'gceE2()',
  'gce-c3': 'gceC3()',
  'gce-c4': 'gceC4()',
  'gce-t2a': 'gceT2A()',
  'qemu-pc': 'qemuPc()',
};

const HEAD = ['Series', 'Bus', 'Network card', 'Disks', 'Firmware', 'Seen'];
const PC = '440FX and PIIX4';
const DRIVER = 'issue 65 of the Linux driver of gVNIC';
const [UNSEEN, NOTHING] = ['not seen', 'no text of a guest was found'];

/** What guests printed on each series, and where that stands. */
const SERIES: readonly (readonly string[])[] = [
  [
    'N1',
    PC,
    'virtio-net at 00:04.0; gVNIC, GQI_QPL',
    'virtio-scsi at 00:03.0; local SSD: a second virtio-scsi, or NVMe',
    'BIOS, UEFI',
    `lspci of 2017 (elasticluster, pull request 504), boot logs of 2016 to 2024, coreos/bugs 238 and 1465; ${DRIVER}`,
  ],
  [
    'N2',
    PC,
    'gVNIC or virtio-net at 00:04.0; GQI_QPL; virtio-rng at 00:05.0',
    'virtio-scsi at 00:03.0',
    'UEFI',
    `boot logs of 2021 and 2025; lshw of an n2-standard-4 (December 2021); ${DRIVER}`,
  ],
  [
    'N2D',
    UNSEEN,
    'gVNIC at 00:04.0, GQI_QPL',
    UNSEEN,
    UNSEEN,
    `six functions on an n2d-standard-2 (xaviercallens/rust-linux-mini-kernel, 2026); siderolabs/pkgs, pull request 802 (2023); ${DRIVER}`,
  ],
  [
    'E2',
    UNSEEN,
    'virtio-net at 00:04.0; gVNIC, GQI_QPL',
    'SCSI',
    UNSEEN,
    `a survey of an e2-standard-4 (May 2026); ${DRIVER}`,
  ],
  ['C2', UNSEEN, 'gVNIC, GQI_QPL', UNSEEN, UNSEEN, DRIVER],
  [
    'T2D',
    UNSEEN,
    'virtio-net; gVNIC, GQI_QPL',
    UNSEEN,
    UNSEEN,
    `usbarmory/tamago-example, pull request 34 (2025), a TSC of 2450 MHz; ${DRIVER}`,
  ],
  [
    'A2',
    UNSEEN,
    'at 00:05.0, behind an A100 at 00:04.0',
    'SCSI',
    'UEFI; SMBIOS 2.4 as on an N1',
    'a survey of a machine with twelve CPUs (May 2026)',
  ],
  [
    'TPU v5e',
    `${PC}; an IOMMU 1022:164f at 00:03.0, the accelerator 1ae0:0063 at 00:05.0`,
    'gVNIC at 00:06.0; virtio-rng at 00:07.0',
    'virtio-scsi at 00:04.0',
    UNSEEN,
    'lspci of a v5litepod-1 (xaviercallens/rust-linux-mini-kernel, September 2026)',
  ],
  [
    'C3',
    '440FX',
    'gVNIC at 00:03.0, DQO_RDA and GQI_QPL',
    'NVMe, model nvme_card-pd; local SSDs nvme_card0 to nvme_card15',
    'window c0000000 to febfefff, as after a UEFI',
    `canonical/tdx, issue 312 (2025); an inventory of a c3-standard-88-lssd; r2jitu/waitless (2026); ${DRIVER}`,
  ],
  [
    'C3D',
    UNSEEN,
    'gVNIC, DQO_RDA',
    'NVMe: nvme_card-pd, all persistent disks its namespaces; then nvme_card0 and so on, a local SSD each',
    UNSEEN,
    `GoogleCloudPlatform/csi-node-cache (July 2024); ${DRIVER}`,
  ],
  ['N4, H3', UNSEEN, 'gVNIC, DQO_RDA', UNSEEN, UNSEEN, DRIVER],
  [
    'N4 or C4',
    UNSEEN,
    'two gVNICs at 00:03.0 and 00:04.0, GQI_QPL',
    UNSEEN,
    UNSEEN,
    'iPXE on a Xeon 8581C, in its issue 1345 (November 2024)',
  ],
  [
    'C4',
    `${PC}; bridges 1ae0:0f48 at 00:05.0, 01:00.0 and 02:00.0 to 02:1f.0; four such trees on c4-288`,
    'gVNIC at 00:03.0, DQO_RDA and GQI_QPL; virtio-rng at 00:04.0',
    'NVMe at 03:00.0',
    UNSEEN,
    `lspci of GKE nodes (about 2025); r2jitu/waitless (2026); ${DRIVER}`,
  ],
  [
    'C4D',
    'twelve functions on a c4d-standard-2, by ports and, with an MCFG, by memory; bridges to bus 3',
    'gVNIC, DQO_RDA',
    'NVMe on bus 3',
    'UEFI',
    'quantum-encoding/zigix (March 2026)',
  ],
  [
    'C4A',
    'PCI Express, MCFG; messages by an ITS with pages of 64 KiB',
    'gVNIC, device 0 of the ITS, DQO_RDA',
    'NVMe',
    'UEFI; SPCR names a PL011 at 9000000; MADT, GTDT',
    'quantum-encoding/zigix (March 2026)',
  ],
  [
    'A3',
    'bridges 1ae0:a010',
    'gVNIC at 00:0c.0, DQO_RDA; virtio-rng at 00:0d.0',
    'NVMe at 00:03.0 and 00:09.0',
    UNSEEN,
    `a list of functions among test data; enp0s12 in scripts for NCCL; ${DRIVER}`,
  ],
  ['A4', UNSEEN, 'the first at 00:13.0', UNSEEN, UNSEEN, 'enp0s19 in scripts for NCCL'],
  [
    'T2A',
    'PCI Express, ECAM at 3f000000, buses 00 to 0f; messages by an ITS',
    'gVNIC at 00:00.0; virtio-rng at 00:01.0',
    'NVMe at 00:02.0',
    'UEFI; ttyAMA0 to ttyAMA3 at 9000000 to 9003000',
    'a boot log of syzbot (January 2023); interrupts of a gVNIC, device 0 of an ITS, in test data of redpanda-data/redpanda',
  ],
  ['C2D, N4A, N4D, H4D, Z3, M1, M2, M3, M4, X4, A4X, G2, G4', UNSEEN, UNSEEN, UNSEEN, UNSEEN, NOTHING],
];

export async function machinesPage(): Promise<string> {
  return page([
    '# Machines',
    INTRODUCTION,
    '## What is modelled',
    table([
      ['Machine', 'Made by', 'Firmware', 'CPUID leaf 1', 'Functions'],
      ...Object.values(PROFILES).map(({ name }) => rowOf(name)),
    ]),
    'The bridges of A3 are not modelled, nor more than one switch of a C4, of which the largest have four.',
    '## What was seen',
    'Each series of Compute Engine. Where nothing is said of a part, no text of a guest was found that shows it.',
    table([HEAD, ...SERIES]),
  ]);
}

function rowOf(name: ProfileName): string[] {
  const { firmware, cpuid } = PROFILES[name];
  using machine = buildMachine(planFor(PROFILES[name], { judge: false }));
  return [
    name,
    code(MADE[name]),
    firmware.kind,
    cpuid.eax === 0 ? 'none' : hex(cpuid.eax, 8),
    functionsOf(machine),
  ];
}

/** Of functions that are alike on one bus the first and the last. */
function functionsOf(machine: Machine): string {
  const runs: { first: string; last: string; id: string; bus: number }[] = [];
  for (const { bdf } of machine.functions) {
    const { vendor, device } = machine.idOf(bdf)!;
    const [at, id, bus] = [bdfText(bdf), `${hex(vendor, 4)}:${hex(device, 4)}`, bdf >> 8];
    const run = runs.at(-1);
    if (run?.id === id && run.bus === bus) run.last = at;
    else runs.push({ first: at, last: at, id, bus });
  }
  return runs
    .map(({ first, last, id }) => `${first === last ? first : `${first} to ${last}`} ${id}`)
    .join(', ');
}
