import { describe, expect, test } from 'vitest';
import { CardRig } from './card-rig.ts';
import { COMMAND_STATUS, configure_device_resources, destroy_queue, OPCODE } from './registers/admin.ts';
import { ADMINQ_EVENT_COUNTER, ADMINQ_PFN } from './registers/bar0.ts';

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

describe('commands that take 1 to 2 µs', () => {
  const late = () => new CardRig({ commandLatency: [1000, 2000] }).begin();
  const done = (rig: CardRig) => rig.readRegister(ADMINQ_EVENT_COUNTER);
  const order = (rig: CardRig) => rig.run(OPCODE.DESTROY_TX_QUEUE, destroy_queue, { queue_id: 0 });

  test('are done one after the other', () => {
    const rig = late();

    const statuses = [order(rig), order(rig), order(rig)];
    const counts = [0, 999, 1001, 4000].map((time) => {
      rig.clock.advance(time);
      return done(rig);
    });

    expect(statuses).toEqual([COMMAND_STATUS.UNSET, COMMAND_STATUS.UNSET, COMMAND_STATUS.UNSET]);
    expect(counts).toEqual([0, 0, 1, 3]);
  });

  test('are forgotten where another queue is placed', () => {
    const rig = late();
    order(rig);

    rig.writeRegister(ADMINQ_PFN, 5);
    rig.clock.advance(5000);

    expect(done(rig)).toBe(0);
  });

  test('are forgotten by a reset', () => {
    const rig = late();
    order(rig);

    rig.writeRegister(ADMINQ_PFN, 0);
    rig.begin();
    rig.clock.advance(5000);

    expect(done(rig)).toBe(0);
  });
});
