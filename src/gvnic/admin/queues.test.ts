import { expect, test } from 'vitest';
import { CardRig } from '../card-rig.ts';
import {
  configure_device_resources,
  create_rx_queue,
  create_tx_queue,
  OPCODE,
  register_page_list,
  COMMAND_STATUS as S,
} from '../registers/admin.ts';
import { QUEUE_FORMAT } from '../registers/descriptor.ts';

const [LIST, PAGE, ANSWER] = [0x3000, 0x4000, 0x7000n];
const [RING, OTHER_RING] = [0x1_0000n, 0x2_0000n];

/** A card with resources, and with list 7 of one page. */
const configured = (format: keyof typeof QUEUE_FORMAT) => {
  const rig = new CardRig().begin();
  rig.run(OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources, {
    ...{ num_counters: 4, num_irq_dbs: 4, irq_db_stride: 64, queue_format: QUEUE_FORMAT[format] },
    ...{ counter_array: 0x5000n, irq_db_addr: 0x6000n },
  });
  rig.view.setBigUint64(LIST, BigInt(PAGE));
  rig.run(OPCODE.REGISTER_PAGE_LIST, register_page_list, {
    ...{ page_list_id: 7, num_pages: 1, page_address_list_addr: BigInt(LIST) },
  });
  return rig;
};

test('a completion ring may be four times as long as the longest ring, as DPDK makes it', () => {
  const rig = configured('DQO_RDA');
  const rings = { tx_comp_ring_addr: OTHER_RING, tx_ring_size: 4096, tx_comp_ring_size: 16_384 };

  const status = rig.run(OPCODE.CREATE_TX_QUEUE, create_tx_queue, {
    ...{ queue_resources_addr: ANSWER, tx_ring_addr: RING, queue_page_list_id: 7, ...rings },
  });

  expect(status).toBe(S.PASSED);
});

test.each([
  ['GQI_QPL', [2048, 4096], [1024, 3000, 6144]],
  ['DQO_RDA', [1024, 1152, 2048, 4096, 16_256], [896, 1500, 16_384]],
] as const)('buffers of %s are of the sizes that DPDK asks for', (format, taken, refused) => {
  const create = (packet_buffer_size: number) =>
    configured(format).run(OPCODE.CREATE_RX_QUEUE, create_rx_queue, {
      ...{ queue_resources_addr: ANSWER, rx_desc_ring_addr: RING, rx_data_ring_addr: OTHER_RING },
      ...{ rx_ring_size: 256, rx_buff_ring_size: 256, queue_page_list_id: 7, packet_buffer_size },
    });

  expect([...taken, ...refused].map(create)).toEqual([
    ...taken.map(() => S.PASSED),
    ...refused.map(() => S.INVALID_ARGUMENT),
  ]);
});
