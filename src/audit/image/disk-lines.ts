import { DOS, isKind } from '../../media/magics.ts';
import { Tree } from './files/tree.ts';
import { type Found, fail, type ImageLine, line, noted, pass, unreached } from './line.ts';
import { bootSectorOf, type Partition, type PartitionTable, partitionsOf } from './partitions.ts';
import { type Content, contentOf, type Systems, systemsOf } from './systems.ts';
import type { View } from './view.ts';

const SECTOR = 512;
/** GRUB's boot.img says here in which sector it goes on. */
const GRUB_NEXT = 0x5c;
const PROGRAM_MOST = 64 << 20;
/** Names that firmware starts without a variable of its own (UEFI 2.10, 3.5.1.1), and Machine of their headers. */
const LOADERS = { x86_64: ['BOOTX64.EFI', 0x8664], arm64: ['BOOTAA64.EFI', 0xaa64] } as const;
const PE_AT = 0x3c;

type Firmware = keyof typeof LOADERS;

/** What the disk is: its lines, and what the next checks need. */
export interface DiskFacts {
  readonly lines: readonly ImageLine[];
  readonly systems: Systems;
  /** The processors for which a UEFI finds a loader. */
  readonly uefi: readonly Firmware[];
}

export function judgeDisk(disk: View): DiskFacts {
  let table: PartitionTable | null = null;
  const tableLine = line('disk', 'partition table', () => {
    table = partitionsOf(disk);
    return judgeTable(table);
  });
  const partitions = (table as PartitionTable | null)?.partitions ?? [];
  const whole: Partition = { number: 0, use: 'other', begin: 0, size: disk.size, isActive: false };
  const contents = (partitions.length === 0 ? [whole] : partitions).map((one) => contentOf(disk, one));
  const systems = systemsOf(contents);
  const uefi: Firmware[] = [];
  const uefiLine = line('disk', 'UEFI boot', () => judgeUefi(systems, partitions, uefi));
  const biosLine = line('disk', 'BIOS boot', () => judgeBios(disk, table));
  const lines = [
    tableLine,
    ...(uefi.length > 0
      ? [eased(biosLine, 'BIOS'), uefiLine]
      : [biosLine, biosLine.outcome === 'fail' ? uefiLine : eased(uefiLine, 'UEFI')]),
    ...contents.filter(({ partition }) => partition.number > 0).map((one) => contentLine(one, systems)),
    line('disk', 'root file system', () => judgeRoot(systems)),
  ];
  return { lines, systems, uefi };
}

/** One of the two ways to boot is enough. */
function eased(one: ImageLine, which: 'BIOS' | 'UEFI'): ImageLine {
  if (one.outcome !== 'fail') return one;
  const where = which === 'BIOS' ? 'only machines with UEFI boot it' : 'only machines with a BIOS boot it';
  return { ...one, outcome: 'noted', cause: `${one.cause}: ${where}` };
}

function judgeTable(table: PartitionTable | null): Found {
  if (table === null) return fail('there is none', 'partition the disk: sfdisk, with a GPT');
  const { kind, partitions, faults, remarks } = table;
  const mend = kind === 'GPT' ? 'sfdisk --relocate gpt-bak-std, or sgdisk --move-second-header' : 'sfdisk';
  if (faults.length > 0) return fail(`${kind}: ${faults.join('; ')}`, `repair it: ${mend}`);
  if (partitions.length === 0) return fail(`${kind} without a partition`, 'partition the disk');
  if (remarks.length > 0)
    return noted(
      `${kind}: ${remarks.join('; ')}`,
      kind === 'GPT' ? mend : 'write zeros over its headers: sector 1, and the last',
    );
  return pass(`${kind}, ${partitions.length} ${partitions.length === 1 ? 'partition' : 'partitions'}`);
}

const INSTALL_BIOS = 'grub-install --target=i386-pc DEVICE';

function judgeBios(disk: View, table: PartitionTable | null): Found {
  const { bytes, isSigned, hasCode } = bootSectorOf(disk);
  if (!isSigned) return fail('the first sector has no signature 55 AA', INSTALL_BIOS);
  if (!hasCode) return fail('the first sector has no code', INSTALL_BIOS);
  if (!bytes.includes('GRUB')) return judgeOtherCode(disk, table);
  const next = Number(bytes.readBigUInt64LE(GRUB_NEXT));
  const isThere =
    next > 0 &&
    (next + 1) * SECTOR <= disk.size &&
    disk.read(next * SECTOR, SECTOR).some((byte) => byte !== 0);
  if (!isThere) return fail(`GRUB goes on in sector ${next}, and nothing is there`, INSTALL_BIOS);
  const room = table?.partitions.find(({ use }) => use === 'BIOS boot');
  if (table?.kind !== 'GPT') return pass(`GRUB, which goes on in sector ${next}`);
  const isInRoom =
    room !== undefined && next * SECTOR >= room.begin && next * SECTOR < room.begin + room.size;
  if (isInRoom) return pass(`GRUB, which goes on in partition ${room.number}`);
  return noted(
    `GRUB goes on in sector ${next}, in no BIOS boot partition`,
    'make a partition of 1 MiB for it, of type 21686148-6449-6E6F-744E-656564454649',
  );
}

/** Code that is not GRUB's goes on in the active partition. */
function judgeOtherCode(disk: View, table: PartitionTable | null): Found {
  const active = table?.partitions.find(({ isActive }) => isActive);
  if (active === undefined)
    return noted('there is code, not of GRUB, and no active partition in which it could go on', INSTALL_BIOS);
  const { isSigned } = bootSectorOf(disk.part(active.begin, active.size));
  return isSigned
    ? pass(`code that goes on in the active partition ${active.number}`)
    : fail(`the active partition ${active.number} has no boot sector`, INSTALL_BIOS);
}

const INSTALL_UEFI = 'grub-install --target=x86_64-efi --removable --efi-directory=/boot/efi';

function judgeUefi({ esp }: Systems, partitions: readonly Partition[], found: Firmware[]): Found {
  const isMarked = partitions.some(({ use }) => use === 'ESP');
  if (esp?.system == null)
    return fail(
      isMarked
        ? 'the EFI system partition has no FAT file system'
        : 'no partition is an EFI system partition',
      `make one, with FAT, then: ${INSTALL_UEFI}`,
    );
  const tree = new Tree(new Map([['/', esp.system]]));
  const wrong: string[] = [];
  for (const [firmware, [name, machine]] of Object.entries(LOADERS)) {
    const program = tree.bytes(`/EFI/BOOT/${name}`, PROGRAM_MOST);
    if (program === null) continue;
    if (machineOf(program) === machine) found.push(firmware as Firmware);
    else wrong.push(`EFI/BOOT/${name} is no program for ${firmware}`);
  }
  if (wrong.length > 0) return fail(wrong.join('; '), INSTALL_UEFI);
  if (found.length === 0) {
    const others = tree.names('/EFI').filter((name) => !/^boot$/i.test(name));
    const beside =
      others.length === 0 ? '' : `; EFI/${others[0]} is found by a variable that a new machine lacks`;
    return fail(`partition ${esp.partition.number} has no EFI/BOOT/BOOTX64.EFI${beside}`, INSTALL_UEFI);
  }
  const names = found.map((firmware) => `EFI/BOOT/${LOADERS[firmware][0]}`).join(', ');
  if (!isMarked)
    return noted(
      `${names} is on partition ${esp.partition.number}, which is not marked as an EFI system partition`,
      'give it the type EF, or C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
    );
  return pass(`${names} on partition ${esp.partition.number}`);
}

/** Machine of a PE header; 0 for none. */
function machineOf(program: Buffer): number {
  if (!isKind(DOS, program) || program.length < PE_AT + 4) return 0;
  const at = program.readUInt32LE(PE_AT);
  return at + 6 <= program.length && program.toString('latin1', at, at + 4) === 'PE\0\0'
    ? program.readUInt16LE(at + 4)
    : 0;
}

function contentLine(content: Content, systems: Systems): ImageLine {
  const { partition, name, system, fault } = content;
  return line('disk', `partition ${partition.number}`, () => {
    if (fault !== '') return fail(`cannot be read: ${fault}`, 'fsck, or make the file system again');
    if (partition.use === 'BIOS boot') return pass('for GRUB');
    if (name === '') return unreached('nothing that is known here');
    if (system === null) return unreached(`${name}, which is not read here`);
    const place =
      content === systems.root
        ? '/'
        : content === systems.boot
          ? '/boot'
          : content === systems.esp
            ? 'for UEFI'
            : 'other';
    const is = `${name}, ${place}`;
    return system.remark === ''
      ? pass(is)
      : noted(`${is}; ${system.remark}`, 'fsck it, and shut the system down before it is copied');
  });
}

function judgeRoot({ root, contents }: Systems): Found {
  if (root !== null) return pass(`on partition ${root.partition.number}`);
  const unread = contents.filter(
    ({ partition, name, system, fault }) =>
      (partition.number > 0 || name !== '') &&
      partition.use !== 'BIOS boot' &&
      name !== 'swap' &&
      system === null &&
      fault === '',
  );
  if (unread.length === 0) return fail('no file system has /etc and /usr', 'install a system on it');
  const names = [...new Set(unread.map(({ name }) => name || 'what is not known here'))].join(', ');
  return unreached(`it may be in ${names}: the lines below need ext4`);
}
