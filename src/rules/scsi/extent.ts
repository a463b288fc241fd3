import { CDB, type Cdb } from '../../scsi/cdb/registers.ts';
import { BLOCKS_6, BLOCKS_10, BLOCKS_12, BLOCKS_16 } from '../../scsi/registers.ts';

type Extent = readonly [lba: number, blocks: number];

/** In READ(6) and WRITE(6) 0 blocks means this many (SBC-3 5.11). */
const BLOCKS_OF_ZERO_6 = 256;
const LBA_HIGH_6 = 0x1f;

function six(bytes: Uint8Array): Extent {
  const { lba_high, lba_low, blocks } = BLOCKS_6.decode(bytes);
  return [(lba_high & LBA_HIGH_6) * 2 ** 16 + lba_low, blocks || BLOCKS_OF_ZERO_6];
}

function ten(bytes: Uint8Array): Extent {
  const { lba, blocks } = BLOCKS_10.decode(bytes);
  return [lba, blocks];
}

function twelve(bytes: Uint8Array): Extent {
  const { lba, blocks } = BLOCKS_12.decode(bytes);
  return [lba, blocks];
}

function sixteen(bytes: Uint8Array): Extent {
  const { lba, blocks } = BLOCKS_16.decode(bytes);
  return [Number(lba), blocks];
}

const READERS: readonly (readonly [Cdb, (bytes: Uint8Array) => Extent])[] = [
  [CDB.READ_6, six],
  [CDB.WRITE_6, six],
  [CDB.READ_10, ten],
  [CDB.WRITE_10, ten],
  [CDB.READ_12, twelve],
  [CDB.WRITE_12, twelve],
  [CDB.READ_16, sixteen],
  [CDB.WRITE_16, sixteen],
];

/** How to read the blocks out of a READ or WRITE, by its opcode. */
export const EXTENT: ReadonlyMap<number, (bytes: Uint8Array) => Extent> = new Map(
  READERS.map(([{ usage }, read]) => [usage[0]!, read]),
);

/** Commands that a unit refuses for a block that it does not have. */
export const NAMING_BLOCKS: ReadonlySet<Cdb> = new Set<Cdb>([
  ...READERS.map(([cdb]) => cdb),
  CDB.SYNCHRONIZE_CACHE_10,
  CDB.SYNCHRONIZE_CACHE_16,
  CDB.UNMAP,
]);
