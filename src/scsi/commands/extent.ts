import { get16, get32, get64 } from '../../core/big-endian.ts';
import { BLOCKS_6, BLOCKS_10, BLOCKS_12, BLOCKS_16 } from '../registers.ts';

const { lba_high, lba_low, blocks: BLOCKS_AT_6 } = BLOCKS_6.offset;
/** The bits of `lba_high` that are of the LBA. */
const HIGH = 0x1f;
/** In READ(6) and WRITE(6) 0 blocks means this many (SBC-3 5.11). */
const BLOCKS_OF_ZERO_6 = 256;
/** Group codes of an opcode's three upper bits, which say how long the CDB is (SPC-4 4.2.5.1). */
const GROUP_SHIFT = 5;
const [SIX, SIXTEEN, TWELVE] = [0, 4, 5];

/** The first block that a CDB of one of the four shapes for blocks names. */
export function lbaOf(cdb: Uint8Array): number {
  switch (cdb[0]! >> GROUP_SHIFT) {
    case SIX:
      return ((cdb[lba_high]! & HIGH) << 16) | get16(cdb, lba_low);
    case TWELVE:
      return get32(cdb, BLOCKS_12.offset.lba);
    case SIXTEEN:
      return get64(cdb, BLOCKS_16.offset.lba);
    default:
      return get32(cdb, BLOCKS_10.offset.lba);
  }
}

/** How many blocks it names. */
export function blocksOf(cdb: Uint8Array): number {
  switch (cdb[0]! >> GROUP_SHIFT) {
    case SIX:
      return cdb[BLOCKS_AT_6]! || BLOCKS_OF_ZERO_6;
    case TWELVE:
      return get32(cdb, BLOCKS_12.offset.blocks);
    case SIXTEEN:
      return get32(cdb, BLOCKS_16.offset.blocks);
    default:
      return get16(cdb, BLOCKS_10.offset.blocks);
  }
}

/** Byte of the CDB in which their number begins. */
export function blocksFieldOf(cdb: Uint8Array): number {
  switch (cdb[0]! >> GROUP_SHIFT) {
    case SIX:
      return BLOCKS_AT_6;
    case TWELVE:
      return BLOCKS_12.offset.blocks;
    case SIXTEEN:
      return BLOCKS_16.offset.blocks;
    default:
      return BLOCKS_10.offset.blocks;
  }
}
