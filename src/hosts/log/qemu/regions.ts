/** Which structure of a modern function a region of QEMU's is. */
export type StructureName = 'common' | 'isr' | 'device' | 'notify';

/** What a region of QEMU's memory core is to us. */
type RegionKind = 'config address' | 'config data' | 'legacy' | 'msix' | 'reset' | 'chip' | StructureName;

const CHIPS = ['serial', 'pic', 'elcr', 'pit', 'rtc', 'rtc-index'];
const STRUCTURE = /^virtio-pci-(common|isr|device|notify)(?:-(.*))?$/;

/** What is replayed of a region by this name; null is nothing. */
export function regionKind(name: string): RegionKind | null {
  if (name === 'pci-conf-idx') return 'config address';
  if (name === 'pci-conf-data') return 'config data';
  if (name === 'virtio-pci') return 'legacy';
  if (name === 'msix-table' || name === 'msix-pba') return 'msix';
  if (name === 'piix-reset-control' || name === 'i8042-cmd') return 'reset';
  if (CHIPS.includes(name)) return 'chip';
  return (STRUCTURE.exec(name)?.[1] as StructureName | undefined) ?? null;
}
