/** The structure of a modern function that a region of QEMU's holds. */
export type StructureName = 'common' | 'isr' | 'device' | 'notify';

/** The meaning of a region of QEMU's memory core. */
type RegionKind = 'config address' | 'config data' | 'legacy' | 'msix' | 'reset' | 'chip' | StructureName;

const CHIPS = ['serial', 'pic', 'elcr', 'pit', 'rtc', 'rtc-index'];
const STRUCTURE = /^virtio-pci-(common|isr|device|notify)(?:-(.*))?$/;

/** How a region of this name is replayed; null if it is not. */
export function regionKind(name: string): RegionKind | null {
  if (name === 'pci-conf-idx') return 'config address';
  if (name === 'pci-conf-data') return 'config data';
  if (name === 'virtio-pci') return 'legacy';
  if (name === 'msix-table' || name === 'msix-pba') return 'msix';
  if (name === 'piix-reset-control' || name === 'i8042-cmd') return 'reset';
  if (CHIPS.includes(name)) return 'chip';
  return (STRUCTURE.exec(name)?.[1] as StructureName | undefined) ?? null;
}
