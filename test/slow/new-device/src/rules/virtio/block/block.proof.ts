import type { BlockEvents } from '../../../virtio/block/events.ts';
import { VIRTIO_ID } from '../../../virtio/registers.ts';
import { scripts } from '../../script.proof.ts';
import { factsOfNobody } from '../facts.proof.ts';
import { type BLOCK, judgeBlock } from './block.ts';

export const BLOCK_PROOFS = scripts<BlockEvents, keyof typeof BLOCK>(
  (journal) => judgeBlock(factsOfNobody('block0', VIRTIO_ID.block, [16]), 100, journal),
  {
    'virtio/BLK-OP-D1': {
      breaks: (block) => block.requested(99, 2),
      keeps: (block) => block.requested(98, 2),
    },
  },
);
