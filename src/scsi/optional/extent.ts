import { u16, u32, u64 } from '../big-endian.ts';
import { BLOCKS_10, BLOCKS_12, BLOCKS_16 } from '../registers.ts';

/** Group codes of an opcode's three upper bits, which say how long the CDB is (SPC-4 4.2.5.1). */
const GROUP_SHIFT = 5;
const [TWELVE, SIXTEEN] = [5, 4];

/** The blocks that a CDB of 10, 12 or 16 bytes names. */
export function extentOf(cdb: Uint8Array): { readonly lba: number; readonly blocks: number } {
  switch (cdb[0]! >> GROUP_SHIFT) {
    case TWELVE:
      return { lba: u32(cdb, BLOCKS_12.offset.lba), blocks: u32(cdb, BLOCKS_12.offset.blocks) };
    case SIXTEEN:
      return { lba: u64(cdb, BLOCKS_16.offset.lba), blocks: u32(cdb, BLOCKS_16.offset.blocks) };
    default:
      return { lba: u32(cdb, BLOCKS_10.offset.lba), blocks: u16(cdb, BLOCKS_10.offset.blocks) };
  }
}

/** Byte of the CDB in which their number begins. */
export function blocksFieldOf(cdb: Uint8Array): number {
  switch (cdb[0]! >> GROUP_SHIFT) {
    case TWELVE:
      return BLOCKS_12.offset.blocks;
    case SIXTEEN:
      return BLOCKS_16.offset.blocks;
    default:
      return BLOCKS_10.offset.blocks;
  }
}
