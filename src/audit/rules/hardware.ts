import { type AuditedMachine, type OptionRule, X86 } from './rule.ts';

const HARDWARE = 'the devices that Compute Engine shows (docs/fidelity.md)';
/** Machines from the third generation on: C3, M3 and later. */
const THIRD = 'third-generation machine series';

/** Requirements that the document does not state and a kernel has in fact. These lines are ours. */
export const HARDWARE_OPTIONS: readonly OptionRule[] = [
  {
    group: 'ours',
    option: 'VIRTIO_PCI_LEGACY',
    wanted: 'y',
    why: 'the virtio functions speak the legacy interface alone',
    source: `${HARDWARE}; split from VIRTIO_PCI in Linux 4.0`,
    architectures: X86,
    since: '4.0',
  },
  {
    group: 'ours',
    option: 'BLK_DEV_SD',
    part: 'scsi',
    wanted: 'y',
    why: 'a PersistentDisk is a SCSI disk',
    source: HARDWARE,
    module: 'sd_mod',
    hardware: true,
  },
  {
    group: 'ours',
    option: 'ACPI',
    wanted: 'y',
    why: 'interrupts, serial ports and power off are told of by ACPI',
    source: HARDWARE,
    hardware: true,
  },
  {
    group: 'ours',
    option: 'SERIAL_8250',
    part: 'pc',
    wanted: 'y',
    why: 'the four 16550A',
    source: HARDWARE,
    architectures: X86,
    module: '8250',
    hardware: true,
  },
  {
    group: 'ours',
    option: 'SERIAL_8250_CONSOLE',
    part: 'pc',
    wanted: 'y',
    why: 'the console is the serial port: nothing else shows why a boot failed',
    source: HARDWARE,
    architectures: X86,
    hardware: true,
  },
  {
    group: 'ours',
    option: 'SERIAL_8250_NR_UARTS',
    part: 'pc',
    wanted: 4,
    why: 'four ports want four places',
    source: HARDWARE,
    architectures: X86,
    hardware: true,
  },
  {
    group: 'ours',
    option: 'SERIAL_8250_RUNTIME_UARTS',
    part: 'pc',
    wanted: 4,
    why: 'ttyS2 and ttyS3 are there only when four are registered',
    source: HARDWARE,
    architectures: X86,
    hardware: true,
  },
  {
    group: 'ours',
    option: 'GVE',
    part: 'gvnic',
    wanted: 'y',
    why: 'gVNIC is the only network of third-generation machines',
    source: `${THIRD}; in Linux since 5.3`,
    since: '5.3',
    module: 'gve',
  },
  {
    group: 'ours',
    option: 'BLK_DEV_NVME',
    part: 'nvme',
    wanted: 'y',
    why: 'third-generation machines have their disks behind NVMe',
    source: `${THIRD}; in Linux since 3.3`,
    since: '3.3',
    module: 'nvme',
  },
];

/** File systems that a root can be on, with their modules; any one of them is enough. */
export const ROOT_FILE_SYSTEMS = [
  { option: 'EXT4_FS', module: 'ext4' },
  { option: 'XFS_FS', module: 'xfs' },
  { option: 'BTRFS_FS', module: 'btrfs' },
  { option: 'EXT3_FS', module: 'ext3' },
  { option: 'EXT2_FS', module: 'ext2' },
  { option: 'F2FS_FS', module: 'f2fs' },
  { option: 'EROFS_FS', module: 'erofs' },
  { option: 'SQUASHFS', module: 'squashfs' },
] as const;

/** The path from the PCI function to the disk: with `m`, each of these modules is loaded before there is a root. */
const WAY_TO_DISK = {
  scsi: [
    { option: 'VIRTIO', modules: ['virtio', 'virtio_ring'] },
    { option: 'VIRTIO_PCI', modules: ['virtio_pci'] },
    { option: 'VIRTIO_PCI_LIB', modules: ['virtio_pci_modern_dev'] },
    { option: 'VIRTIO_PCI_LIB_LEGACY', modules: ['virtio_pci_legacy_dev'] },
    { option: 'SCSI', modules: ['scsi_mod'] },
    { option: 'SCSI_COMMON', modules: ['scsi_common'] },
    { option: 'SCSI_VIRTIO', modules: ['virtio_scsi'] },
    { option: 'BLK_DEV_SD', modules: ['sd_mod'] },
    { option: 'CRC_T10DIF', modules: ['crc_t10dif'] },
  ],
  nvme: [
    { option: 'NVME_CORE', modules: ['nvme_core'] },
    { option: 'BLK_DEV_NVME', modules: ['nvme'] },
  ],
} as const;

/** What udev makes names of NVMe disks with: the rules of Google's guest-configs, and the helper that they run. */
export const DISK_NAMES = ['udev/rules.d/65-gce-disk-naming.rules', 'udev/google_nvme_id'] as const;

/** The path to the boot disk of a machine; of any, the path to a disk by SCSI. */
export function wayToDisk(machine: AuditedMachine | null) {
  return WAY_TO_DISK[machine?.parts.includes('nvme') ? 'nvme' : 'scsi'];
}
