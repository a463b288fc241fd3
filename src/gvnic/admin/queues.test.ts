import { expect, test } from 'vitest';
import { QueueRig } from '../queue-rig.ts';
import { destroy_queue, OPCODE, COMMAND_STATUS as S } from '../registers/admin.ts';

/** A card without its first queue of one kind. */
const without = (format: 'GQI_QPL' | 'DQO_RDA', destroy: number) => {
  const rig = new QueueRig(format);
  rig.run(destroy, destroy_queue, { queue_id: 0 });
  return rig;
};

test('a completion ring may be four times as long as the longest ring, as DPDK makes it', () => {
  const rig = without('DQO_RDA', OPCODE.DESTROY_TX_QUEUE);

  expect(rig.createTransmit({ tx_ring_size: 4096, tx_comp_ring_size: 16_384 })).toBe(S.PASSED);
});

test.each([
  ['GQI_QPL', [2048, 4096], [1024, 3000, 6144]],
  ['DQO_RDA', [1024, 1152, 2048, 4096, 16_256], [896, 1500, 16_384]],
] as const)('buffers of %s are of the sizes that DPDK asks for', (format, taken, refused) => {
  const create = (packet_buffer_size: number) =>
    without(format, OPCODE.DESTROY_RX_QUEUE).createReceive({ packet_buffer_size });

  expect([taken.map(create), refused.map(create)]).toEqual([
    taken.map(() => S.PASSED),
    refused.map(() => S.INVALID_ARGUMENT),
  ]);
});
