import { BlockDriver, virtioBlock } from '../drivers/virtio-block.ts';
import { pciPart } from './part.ts';

/** What is learned of a block device. */
export interface BlockFacts {
  readonly sectors: number;
  /** Whether a sector reads as it was written. */
  readonly keeps: boolean;
}

const PATTERN = Uint8Array.from({ length: 512 }, (_, i) => i);

export const blocksPart = pciPart<BlockDriver, BlockFacts>({
  driver: virtioBlock,
  handle: BlockDriver,
  use: (block) => void block.read(0),
  probe: (block) => {
    block.write(1, PATTERN);
    const { bytes } = block.read(1);
    return { sectors: block.capacity, keeps: bytes.every((byte, i) => byte === PATTERN[i]) };
  },
});
