import { expect, test } from 'vitest';
import { CardRig } from './card-rig.ts';
import { configure_device_resources, OPCODE } from './registers/admin.ts';

const MSIX = 0xfeb1_0000;
const [COUNTERS, BLOCKS, STRIDE] = [0x3000, 0x4000, 64];

/** A card with blocks, each of whose MSI-X entries sends its own number. */
function withBlocks(blocks: number, first: number): CardRig {
  const rig = new CardRig({ pairs: 4 }).begin();
  rig.set(4, 0x14, MSIX, 4);
  const capability = rig.get(4, 0x34, 1);
  rig.set(4, capability + 2, 0x8000, 2);
  for (let entry = 0; entry < 9; entry++) {
    rig.mmio.write(MSIX + 16 * entry, 0xfee0_0000, 4);
    rig.mmio.write(MSIX + 16 * entry + 8, 0x40 + entry, 4);
    rig.mmio.write(MSIX + 16 * entry + 12, 0, 4);
  }
  rig.run(OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources, {
    ...{ counter_array: BigInt(COUNTERS), irq_db_addr: BigInt(BLOCKS), num_counters: 8 },
    ...{ num_irq_dbs: blocks, irq_db_stride: STRIDE, ntfy_blk_msix_base_idx: first, queue_format: 2 },
  });
  return rig;
}

test.each([
  ['is behind that of the last block, not the last of the table', 2, 0, 2],
  ['is behind that of the last of many blocks', 6, 0, 6],
  ['is the first where blocks begin with the second', 2, 1, 0],
])('the vector of what is no queue’s %s', (_, blocks, first, vector) => {
  const rig = withBlocks(blocks, first);

  rig.fn.device.setLink(false);

  expect(rig.sent.map(({ data }) => data - 0x40)).toEqual([vector]);
});

test('each block is told a doorbell of its own, where its stride says', () => {
  const rig = withBlocks(8, 0);

  const indices = Array.from({ length: 8 }, (_, block) => rig.view.getUint32(BLOCKS + STRIDE * block));

  expect(new Set(indices).size).toBe(8);
  // Big-endian, behind BAR2, and none that a driver would have without looking.
  expect(indices.every((index) => index > 0 && 4 * index < 1 << 20)).toBe(true);
});
