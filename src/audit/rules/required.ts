import { type OptionRule, X86 } from './rule.ts';

const DOCUMENT = 'Requirements to build custom images, required kernel options';

/** The six options that the document requires. */
export const REQUIRED: readonly OptionRule[] = [
  {
    group: 'required options',
    option: 'KVM_GUEST',
    wanted: 'y',
    why: 'the hypervisor is KVM: its clock, its halt and its end of interrupt',
    source: DOCUMENT,
    architectures: X86,
  },
  {
    group: 'required options',
    option: 'KVM_CLOCK',
    wanted: 'y',
    why: 'time that survives migration',
    source: `${DOCUMENT}; Linux 3.7 made it part of KVM_GUEST`,
    architectures: X86,
    until: '3.7',
    successors: [{ option: 'KVM_GUEST', since: '3.7' }],
  },
  {
    group: 'required options',
    option: 'VIRTIO_PCI',
    wanted: 'y',
    why: 'disk and network sit behind virtio functions',
    source: DOCUMENT,
    module: 'virtio_pci',
    hardware: true,
  },
  {
    group: 'required options',
    option: 'SCSI_VIRTIO',
    part: 'scsi',
    wanted: 'y',
    why: 'the disks of N1, E2, N2 and N2D',
    source: `${DOCUMENT}; in Linux since 3.4`,
    since: '3.4',
    module: 'virtio_scsi',
    hardware: true,
  },
  {
    group: 'required options',
    option: 'VIRTIO_NET',
    part: 'virtio',
    wanted: 'y',
    why: 'the network of N1, E2, N2 and N2D',
    source: DOCUMENT,
    module: 'virtio_net',
    hardware: true,
  },
  {
    group: 'required options',
    option: 'PCI_MSI',
    wanted: 'y',
    why: 'an interrupt for each queue',
    source: DOCUMENT,
    hardware: true,
  },
];
