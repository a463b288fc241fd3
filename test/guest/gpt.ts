import { crc32 } from 'node:zlib';
import { struct } from '../../src/core/struct.ts';
import { MemoryMedium } from '../../src/media/memory.ts';

/** Source: UEFI 2.10, 5.3.2 and 5.3.3. */
const HEADER = struct('GPT Header', 'le', {
  Signature: { bytes: 8 },
  Revision: 'u32',
  HeaderSize: 'u32',
  HeaderCRC32: 'u32',
  Reserved: 'u32',
  MyLBA: 'u64',
  AlternateLBA: 'u64',
  FirstUsableLBA: 'u64',
  LastUsableLBA: 'u64',
  DiskGUID: { bytes: 16 },
  PartitionEntryLBA: 'u64',
  NumberOfPartitionEntries: 'u32',
  SizeOfPartitionEntry: 'u32',
  PartitionEntryArrayCRC32: 'u32',
});
const ENTRY = struct('GPT Partition Entry', 'le', {
  PartitionTypeGUID: { bytes: 16 },
  UniquePartitionGUID: { bytes: 16 },
  StartingLBA: 'u64',
  EndingLBA: 'u64',
  Attributes: 'u64',
  PartitionName: { bytes: 72 },
});
const SECTOR = 512;
const ENTRIES = 128;
const ENTRIES_BLOCKS = BigInt((ENTRIES * ENTRY.size) / SECTOR);
const FIRST_USABLE = 34n;
/** The value where any would do. */
const GUID = new Uint8Array(16).fill(1);

/** A disk whose GPT has partitions of these numbers, of 2048 sectors each, with the copy of the table at its end. */
export function gptDisk(sectors: number, numbers: readonly number[]): MemoryMedium {
  const medium = new MemoryMedium(sectors * SECTOR);
  const entries = new Uint8Array(ENTRIES * ENTRY.size);
  for (const [i, number] of numbers.entries()) {
    const StartingLBA = BigInt((i + 1) * 2048);
    const range = { StartingLBA, EndingLBA: StartingLBA + 2047n };
    ENTRY.encode(
      { PartitionTypeGUID: GUID, UniquePartitionGUID: GUID, ...range },
      entries,
      (number - 1) * ENTRY.size,
    );
  }
  medium.write(0, protectiveMbr(sectors), 0, SECTOR);
  const last = BigInt(sectors - 1);
  const sum = crc32(entries);
  write(medium, { MyLBA: 1n, AlternateLBA: last, PartitionEntryLBA: 2n }, sum, entries);
  write(medium, { MyLBA: last, AlternateLBA: 1n, PartitionEntryLBA: last - ENTRIES_BLOCKS }, sum, entries);
  return medium;
}

/** One of the two copies. */
interface Place {
  readonly MyLBA: bigint;
  readonly AlternateLBA: bigint;
  readonly PartitionEntryLBA: bigint;
}

function write(
  medium: MemoryMedium,
  place: Place,
  PartitionEntryArrayCRC32: number,
  entries: Uint8Array,
): void {
  const bytes = HEADER.encode(
    {
      Signature: new TextEncoder().encode('EFI PART'),
      Revision: 0x1_0000,
      HeaderSize: HEADER.size,
      FirstUsableLBA: FIRST_USABLE,
      LastUsableLBA: BigInt(medium.blocks) - FIRST_USABLE,
      DiskGUID: GUID,
      NumberOfPartitionEntries: ENTRIES,
      SizeOfPartitionEntry: ENTRY.size,
      PartitionEntryArrayCRC32,
      ...place,
    },
    new Uint8Array(SECTOR),
  );
  HEADER.encode({ HeaderCRC32: crc32(bytes.subarray(0, HEADER.size)) }, bytes);
  medium.write(Number(place.MyLBA) * SECTOR, bytes, 0, SECTOR);
  medium.write(Number(place.PartitionEntryLBA) * SECTOR, entries, 0, entries.length);
}

function protectiveMbr(sectors: number): Uint8Array {
  const sector = new Uint8Array(SECTOR);
  const view = new DataView(sector.buffer);
  sector[0x1be + 4] = 0xee;
  view.setUint32(0x1be + 8, 1, true);
  view.setUint32(0x1be + 12, sectors - 1, true);
  view.setUint16(0x1fe, 0xaa55, true);
  return sector;
}
