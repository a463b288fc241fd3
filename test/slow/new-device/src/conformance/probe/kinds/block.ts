import { virtioBlock } from '../../../guest/drivers/virtio-block.ts';
import type { BlockFacts } from '../../../guest/parts/block.ts';
import type { ProbedKind } from './kind.ts';

export const blocksKind = {
  function: { what: 'storage', driver: virtioBlock() },
  rows: (seen) =>
    seen.map(({ sectors, keeps }) => [
      'block',
      `${sectors} sectors`,
      keeps ? 'keeps what is written' : 'loses it',
    ]),
  json: () => ({}),
} satisfies ProbedKind<'blocks', BlockFacts>;
