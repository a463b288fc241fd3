import { crc32 } from 'node:zlib';
import { Unreadable, type View } from './view.ts';

/** A partition, by its table. */
export interface Partition {
  /** From 1. */
  readonly number: number;
  readonly use: Use;
  /** In bytes. */
  readonly begin: number;
  readonly size: number;
  /** Of an MBR: the BIOS boots from it. */
  readonly isActive: boolean;
}

/** `ESP`: for UEFI; `BIOS boot`: for GRUB's core on a GPT. */
type Use = 'ESP' | 'BIOS boot' | 'other';

/** A partition table, with what is wrong with it. */
export interface PartitionTable {
  readonly kind: 'GPT' | 'MBR';
  readonly partitions: readonly Partition[];
  /** Why firmware or Linux would refuse it. */
  readonly faults: readonly string[];
  /** What they repair or overlook. */
  readonly remarks: readonly string[];
}

const SECTOR = 512;
const SIGNATURE = 0x1fe;
const MBR = { entries: 0x1be, size: 16, count: 4 } as const;
const [PROTECTIVE, MBR_ESP] = [0xee, 0xef];
const EXTENDED: readonly number[] = [0x05, 0x0f, 0x85];
/** Linux reads so many, by the default of its table of minors. */
const LOGICAL_MOST = 64;

/** UEFI 2.10, 5.3.2. */
const HEADER = {
  signature: 'EFI PART',
  size: 12,
  crc: 16,
  own: 24,
  other: 32,
  entries: 72,
  count: 80,
  each: 84,
  entriesCrc: 88,
};
const SMALLEST_HEADER = 92;
const SMALLEST_ENTRY = 128;
const ENTRIES_MOST = 1024;
const NONE = '00000000-0000-0000-0000-000000000000';
const USES: Readonly<Record<string, Use>> = {
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'ESP',
  '21686148-6449-6e6f-744e-656564454649': 'BIOS boot',
};

/** The first sector, as a BIOS reads it. */
interface BootSector {
  readonly bytes: Buffer;
  readonly isSigned: boolean;
  readonly hasCode: boolean;
}

const CODE = 440;

export function bootSectorOf(disk: View): BootSector {
  const bytes = disk.read(0, SECTOR);
  return {
    bytes,
    isSigned: bytes.readUInt16LE(SIGNATURE) === 0xaa55,
    hasCode: bytes.subarray(0, CODE).some((byte) => byte !== 0),
  };
}

/** @returns null if the disk has none. */
export function partitionsOf(disk: View): PartitionTable | null {
  const { bytes, isSigned } = bootSectorOf(disk);
  if (!isSigned) return gptOf(disk, false);
  const entries = mbrEntries(bytes);
  const isProtective = entries.some(({ type }) => type === PROTECTIVE);
  const gpt = gptOf(disk, isProtective);
  if (gpt === null) return entries.length === 0 ? null : mbrOf(disk, entries);
  // Linux and UEFI look for a GPT only behind an entry of type EE.
  const mbr = isProtective || entries.length === 0 ? null : mbrOf(disk, entries);
  if (mbr === null || mbr.faults.length > 0) return gpt;
  return { ...mbr, remarks: ['beside it there is a GPT of before, which is not used'] };
}

interface MbrEntry {
  readonly number: number;
  readonly type: number;
  readonly isActive: boolean;
  readonly sector: number;
  readonly sectors: number;
}

function mbrEntries(sector: Buffer): MbrEntry[] {
  return Array.from({ length: MBR.count }, (_, i) => {
    const at = MBR.entries + i * MBR.size;
    return {
      number: i + 1,
      type: sector[at + 4]!,
      isActive: sector[at] === 0x80,
      sector: sector.readUInt32LE(at + 8),
      sectors: sector.readUInt32LE(at + 12),
    };
  }).filter(({ type, sectors }) => type !== 0 && sectors !== 0);
}

function mbrOf(disk: View, entries: readonly MbrEntry[]): PartitionTable {
  const all = entries.flatMap((entry) => (EXTENDED.includes(entry.type) ? logicalOf(disk, entry) : [entry]));
  const partitions = all.map(
    ({ number, type, isActive, sector, sectors }): Partition => ({
      number,
      use: type === MBR_ESP ? 'ESP' : 'other',
      begin: sector * SECTOR,
      size: sectors * SECTOR,
      isActive,
    }),
  );
  return { kind: 'MBR', partitions, faults: beyond(disk, partitions), remarks: [] };
}

/** A chain of tables, each with a partition and the place of the next. */
function logicalOf(disk: View, { sector: base }: MbrEntry): MbrEntry[] {
  const found: MbrEntry[] = [];
  for (let at = base; found.length < LOGICAL_MOST; ) {
    if ((at + 1) * SECTOR > disk.size) return found;
    const [own, next] = mbrEntries(disk.read(at * SECTOR, SECTOR));
    if (own === undefined) return found;
    found.push({ ...own, number: 5 + found.length, sector: at + own.sector });
    if (next === undefined || !EXTENDED.includes(next.type)) return found;
    at = base + next.sector;
  }
  return found;
}

function gptOf(disk: View, isProtective: boolean): PartitionTable | null {
  const last = Math.floor(disk.size / SECTOR) - 1;
  const primary = headerAt(disk, 1);
  const backup = headerAt(disk, last);
  const header = primary.ok ?? backup.ok;
  if (header === null) return primary.why === null ? null : broken([`its header: ${primary.why}`]);
  const faults = primary.ok === null ? [`its header at sector 1: ${primary.why ?? 'there is none'}`] : [];
  if (!isProtective) faults.push('no MBR protects it: the first sector has no entry of type EE');
  const { partitions, why } = entriesOf(disk, header);
  if (why !== null) faults.push(why);
  faults.push(...beyond(disk, partitions));
  const remarks = backup.ok === null ? [`its copy at the last sector: ${backup.why ?? 'there is none'}`] : [];
  return { kind: 'GPT', partitions, faults, remarks };
}

function broken(faults: readonly string[]): PartitionTable {
  return { kind: 'GPT', partitions: [], faults, remarks: [] };
}

interface Checked {
  /** Null if it is damaged, or is not there. */
  readonly ok: Buffer | null;
  /** Null if it is not there. */
  readonly why: string | null;
}

function headerAt(disk: View, sector: number): Checked {
  if (sector < 1 || (sector + 1) * SECTOR > disk.size) return { ok: null, why: null };
  const bytes = disk.read(sector * SECTOR, SECTOR);
  if (bytes.toString('latin1', 0, 8) !== HEADER.signature) return { ok: null, why: null };
  const size = bytes.readUInt32LE(HEADER.size);
  if (size < SMALLEST_HEADER || size > SECTOR) return { ok: null, why: `it says that it has ${size} bytes` };
  const own = Number(bytes.readBigUInt64LE(HEADER.own));
  if (own !== sector) return { ok: null, why: `it says that it is sector ${own}` };
  const said = bytes.readUInt32LE(HEADER.crc);
  const blank = Buffer.from(bytes.subarray(0, size));
  blank.writeUInt32LE(0, HEADER.crc);
  return crc32(blank) === said ? { ok: bytes, why: null } : { ok: null, why: 'its CRC is wrong' };
}

function entriesOf(disk: View, header: Buffer): { partitions: Partition[]; why: string | null } {
  const count = header.readUInt32LE(HEADER.count);
  const each = header.readUInt32LE(HEADER.each);
  if (count > ENTRIES_MOST || each < SMALLEST_ENTRY || each > SECTOR * 8)
    return { partitions: [], why: `it says that it has ${count} entries of ${each} bytes` };
  try {
    const at = Number(header.readBigUInt64LE(HEADER.entries)) * SECTOR;
    const bytes = disk.read(at, count * each);
    const isWhole = crc32(bytes) === header.readUInt32LE(HEADER.entriesCrc);
    const partitions = Array.from({ length: count }, (_, i) => entryOf(bytes, i, each)).filter(
      (one) => one !== null,
    );
    return { partitions, why: isWhole ? null : 'the CRC of its entries is wrong' };
  } catch (error) {
    if (error instanceof Unreadable) return { partitions: [], why: `its entries: ${error.message}` };
    throw error;
  }
}

function entryOf(bytes: Buffer, i: number, each: number): Partition | null {
  const at = i * each;
  const type = guidAt(bytes, at);
  if (type === NONE) return null;
  const first = Number(bytes.readBigUInt64LE(at + 32));
  const last = Number(bytes.readBigUInt64LE(at + 40));
  return {
    number: i + 1,
    use: USES[type] ?? 'other',
    begin: first * SECTOR,
    size: (last - first + 1) * SECTOR,
    isActive: false,
  };
}

/** The first three fields have their low bytes first. */
function guidAt(bytes: Buffer, at: number): string {
  const part = (from: number, to: number) => bytes.subarray(at + from, at + to);
  const swapped = (from: number, to: number) => Buffer.from(part(from, to)).reverse().toString('hex');
  return [
    swapped(0, 4),
    swapped(4, 6),
    swapped(6, 8),
    part(8, 10).toString('hex'),
    part(10, 16).toString('hex'),
  ].join('-');
}

function beyond(disk: View, partitions: readonly Partition[]): string[] {
  return partitions
    .filter(({ begin, size }) => !(size > 0 && begin + size <= disk.size))
    .map(({ number }) => `partition ${number} reaches behind the end of the disk`);
}
