import { swap32 } from '../core/bits.ts';
import {
  BLOCKS,
  FRAME,
  type Make,
  PAGES,
  REPORT,
  RESOURCES,
  RX_RING,
  SLOTS,
  Steps,
  TX_RING,
} from './bring-ups-rig.ts';
import { ANSWER, type CardRig } from './card-rig.ts';
import * as admin from './registers/admin.ts';
import { QUEUE_FORMAT } from './registers/descriptor.ts';
import { DQO_TX_FLAGS, DQO_TX_TYPE, dqo_rx_buffer, dqo_tx_pkt_desc } from './registers/dqo.ts';
import type { GvnicSettings } from './settings.ts';

const { OPCODE, RAW_ADDRESSING } = admin;
/** Completions of what is sent; and a key and a table. */
export const DONE = 0x1_8000;
const [KEY, TABLE] = [0x8000, 0x8100];
const SIZE = 256;
/** Words of a block: enabled, with an interval of 50 or 20 µs, or the one that it has; none, as DPDK says it. */
const [EACH_50, EACH_20, AGAIN, NO_INTERRUPT] = [0x321, 0x141, 0x19, 0x4000_0018];
const [FIRST, SECOND] = [BLOCKS, BLOCKS + 64];

interface Rings {
  readonly list?: readonly [transmit: number, receive: number];
  readonly completions?: number;
  readonly joins?: boolean;
  readonly receiveFirst?: boolean;
}

/** A card that offers all that they ask for. */
export const DQO_CARD: Partial<GvnicSettings> = {
  pairs: 1,
  formats: ['GQI_QPL', 'DQO_RDA', 'DQO_QPL'],
  offer: ['NIC_TIMESTAMP'],
};

/** Steps of a driver with DQO rings, whose doorbells are little-endian. */
class DqoSteps extends Steps {
  override ring(at: number, value: number): this {
    return super.ring(at, swap32(value) >>> 0);
  }

  types(): this {
    return this.op(OPCODE.GET_PTYPE_MAP, admin.memory_area, { length: 2048n, addr: BigInt(ANSWER) });
  }

  report(): this {
    return this.op(OPCODE.REPORT_STATS, admin.report_stats, REPORT);
  }

  queues({
    list = [RAW_ADDRESSING, RAW_ADDRESSING],
    completions = SIZE,
    joins = false,
    receiveFirst = false,
  }: Rings): this {
    const transmit = () =>
      this.op(OPCODE.CREATE_TX_QUEUE, admin.create_tx_queue, {
        ...{ queue_resources_addr: BigInt(RESOURCES), tx_ring_addr: BigInt(TX_RING), tx_ring_size: SIZE },
        ...{ tx_comp_ring_addr: BigInt(DONE), tx_comp_ring_size: completions },
        ...{ queue_page_list_id: list[0], ntfy_id: 0 },
      });
    const receive = () =>
      this.op(OPCODE.CREATE_RX_QUEUE, admin.create_rx_queue, {
        ...{ queue_resources_addr: BigInt(RESOURCES + 64), rx_desc_ring_addr: BigInt(RX_RING) },
        ...{ rx_data_ring_addr: BigInt(SLOTS), rx_ring_size: SIZE, rx_buff_ring_size: SIZE },
        ...{ packet_buffer_size: 2048, enable_rsc: joins ? 1 : 0, queue_page_list_id: list[1], ntfy_id: 1 },
      });
    if (receiveFirst) receive();
    transmit();
    return receiveFirst ? this : receive();
  }

  /** So many buffers are filled in, and so many are shown. */
  shows(count: number, shown = count): this {
    for (let id = 0; id < count; id++) {
      const buffer = { buf_id: id, buf_addr: BigInt(PAGES + 0x1_0000 + id * 2048) };
      this.rig.board.memory.write(SLOTS + id * dqo_rx_buffer.size, dqo_rx_buffer.encode(buffer));
    }
    return this.ring(RESOURCES + 64, shown);
  }

  wake(transmit: number, receive: number): this {
    return this.ring(FIRST, transmit).ring(SECOND, receive);
  }
}

const describedAs = (make: Make, format: number) =>
  new DqoSteps(make).place().verify().describe(4096).configure(format) as DqoSteps;

/** What public drivers do with DQO rings. Linux fills 255 slots of 256, and shows multiples of 32. */
export const DQO_DRIVERS: Readonly<Record<string, (make: Make) => Steps>> = {
  Linux: (make) =>
    describedAs(make, QUEUE_FORMAT.DQO_RDA)
      .types()
      .report()
      .queues({})
      .shows(255, 224)
      .wake(EACH_50, EACH_20),
  'Linux after 6.12, with the clock and a table': (make) => {
    const steps = describedAs(make, QUEUE_FORMAT.DQO_RDA).types();
    steps.op(OPCODE.REPORT_NIC_TIMESTAMP, admin.memory_area, { length: 40n, addr: BigInt(ANSWER) });
    steps.op(OPCODE.CONFIGURE_RSS, admin.configure_rss, {
      ...{ hash_types: 0xd2, hash_alg: 1, hash_key_size: 40, hash_lut_size: 128 },
      ...{ hash_key_addr: BigInt(KEY), hash_lut_addr: BigInt(TABLE) },
    });
    return steps.report().queues({ joins: true }).shows(255, 224).wake(EACH_50, EACH_20);
  },
  'Linux with lists': (make) => {
    const steps = describedAs(make, QUEUE_FORMAT.DQO_QPL).types().report();
    return steps
      .pages(0, 16)
      .pages(1, 32)
      .queues({ list: [0, 1] })
      .shows(255, 224)
      .wake(EACH_50, EACH_20);
  },
  'FreeBSD with lists': (make) => {
    const steps = describedAs(make, QUEUE_FORMAT.DQO_QPL).types().pages(0, 16).pages(1, 32);
    return steps.queues({ joins: true, receiveFirst: true }).shows(224).wake(EACH_50, EACH_20);
  },
  DPDK: (make) => {
    const steps = describedAs(make, QUEUE_FORMAT.DQO_RDA).types();
    return steps
      .queues({ list: [0, 0], completions: 4 * SIZE })
      .wake(NO_INTERRUPT, NO_INTERRUPT)
      .shows(255);
  },
  iPXE: (make) => {
    const steps = new DqoSteps(make).place().describe(256).configure(QUEUE_FORMAT.DQO_RDA) as DqoSteps;
    return steps.wake(0, 0).queues({}).wake(AGAIN, AGAIN).shows(64);
  },
};

/** It sends a frame, with tag 5. */
export function sendDqoFrame(rig: CardRig): void {
  rig.board.memory.write(PAGES, FRAME);
  const type_flags = DQO_TX_FLAGS.encode({ TYPE: DQO_TX_TYPE.PACKET, END_OF_PACKET: 1 });
  const descriptor = { buf_addr: BigInt(PAGES), type_flags, compl_tag: 5, buf_size: FRAME.length };
  rig.board.memory.write(TX_RING, dqo_tx_pkt_desc.encode(descriptor));
  rig.ring(rig.view.getUint32(RESOURCES), swap32(1) >>> 0);
}
