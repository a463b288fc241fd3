import { Ext4 } from './files/ext4.ts';
import { Fat } from './files/fat.ts';
import { type FileSystem, Tree } from './files/tree.ts';
import type { Partition } from './partitions.ts';
import { Unreadable, type View } from './view.ts';

/** What lies on a partition. */
export interface Content {
  readonly partition: Partition;
  /** `ext4`, `XFS`; empty if it is unknown. */
  readonly name: string;
  /** Null if it is not read here. */
  readonly system: FileSystem | null;
  /** Why it cannot be read; empty if it can, or is of a kind that is not read. */
  readonly fault: string;
}

/** Those that are named, and not read: bytes at an offset. */
const NAMED: readonly (readonly [name: string, at: number, bytes: string])[] = [
  ['XFS', 0, 'XFSB'],
  ['Btrfs', 0x1_0040, '_BHRfS_M'],
  ['LVM', 512, 'LABELONE'],
  ['LUKS', 0, 'LUKS\xba\xbe'],
  ['swap', 4086, 'SWAPSPACE2'],
  ['SquashFS', 0, 'hsqs'],
  ['EROFS', 1024, '\xe2\xe1\xf5\xe0'],
  ['F2FS', 1024, '\x10\x20\xf5\xf2'],
  ['NTFS', 3, 'NTFS    '],
  ['ISO 9660', 0x8001, 'CD001'],
];

/** Never throws for what the image has. */
export function contentOf(disk: View, partition: Partition): Content {
  try {
    const view = disk.part(partition.begin, partition.size);
    const name = NAMED.find(([, at, bytes]) => startsWith(view, at, bytes))?.[0] ?? '';
    if (name !== '') return { partition, name, system: null, fault: '' };
    const unread = Ext4.isAt(view) ? Ext4.unreadOf(view) : '';
    if (unread !== '') return { partition, name: `ext4 with ${unread}`, system: null, fault: '' };
    const system = Ext4.isAt(view) ? new Ext4(view) : Fat.isAt(view) ? new Fat(view) : null;
    return { partition, name: system?.name ?? '', system, fault: '' };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { partition, name: '', system: null, fault: error.message };
  }
}

function startsWith(view: View, at: number, bytes: string): boolean {
  return at + bytes.length <= view.size && view.read(at, bytes.length).toString('latin1') === bytes;
}

/** File systems in their places. */
export interface Systems {
  readonly contents: readonly Content[];
  /** All of them, under the root; without one, what could be read. */
  readonly tree: Tree;
  readonly root: Content | null;
  readonly boot: Content | null;
  readonly esp: Content | null;
}

const BOOTS = /^(vmlinuz|vmlinux|Image|initrd|initramfs|config-|grub2?$|loader$)/;

/** Finds the root, /boot and the ESP by what they hold: fstab names them by what only a booted system knows. */
export function systemsOf(contents: readonly Content[]): Systems {
  const holds = ({ system }: Content, wanted: (names: readonly string[]) => boolean) =>
    system !== null && wanted(namesIn(system));
  const root =
    contents.find((one) =>
      holds(one, (names) => names.includes('etc') && names.some((name) => /^(usr|sbin)$/.test(name))),
    ) ?? null;
  const esp =
    contents.find(({ partition, system }) => partition.use === 'ESP' && system !== null) ??
    contents.find(
      ({ system }) => system?.ignoresCase === true && namesIn(system).some((name) => /^efi$/i.test(name)),
    ) ??
    null;
  const boot =
    contents.find(
      (one) => one !== root && one !== esp && holds(one, (names) => names.some((name) => BOOTS.test(name))),
    ) ?? null;
  const mounts = new Map<string, FileSystem>();
  const mount = (path: string, content: Content | null) => {
    if (content?.system != null) mounts.set(path, content.system);
  };
  mount('/', root);
  mount('/boot', boot);
  mount('/efi', esp);
  return { contents, tree: new Tree(mounts), root, boot, esp };
}

function namesIn(system: FileSystem): string[] {
  try {
    return [...system.list(system.root).keys()];
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}
