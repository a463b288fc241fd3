import { expect, test } from 'vitest';
import { struct } from '../core/struct.ts';
import { makeFrame } from '../net/frame/make.ts';
import { ANSWER, CardRig, QUEUE } from './card-rig.ts';
import * as admin from './registers/admin.ts';
import * as reg from './registers/bar0.ts';
import { QUEUE_FORMAT } from './registers/descriptor.ts';
import { GQI_IRQ } from './registers/doorbells.ts';
import { gqi_rx_desc, gqi_tx_pkt_desc, TX_TYPE_FLAGS } from './registers/gqi.ts';

const { OPCODE, COMMAND_STATUS } = admin;
const NOTHING = struct('nothing', 'be', {});
const [COUNTERS, BLOCKS, LIST, RESOURCES, STATS] = [0x3000, 0x4000, 0x5000, 0x6000, 0x9000];
const [TX_RING, RX_RING, SLOTS, PAGES] = [0x1_0000, 0x2_0000, 0x3_0000, 0x4_0000];
const FRAME = makeFrame();
const { MASK, ACK, EVENT } = GQI_IRQ.mask;
const PAGE = 4096;

/** Steps of a driver, in its order and with its values. */
class Steps {
  readonly rig: CardRig;
  readonly statuses: number[] = [];

  constructor(revision = 0) {
    this.rig = new CardRig({ pairs: 1, revision });
  }

  write(register: { readonly offset: number }, value: number): this {
    this.rig.writeRegister(register, value);
    return this;
  }

  place(): this {
    this.rig.begin();
    return this;
  }

  op(opcode: number, body: Parameters<CardRig['run']>[1] = NOTHING, fields = {}): this {
    this.statuses.push(this.rig.run(opcode, body, fields));
    return this;
  }

  verify(): this {
    return this.op(OPCODE.VERIFY_DRIVER_COMPATIBILITY, admin.memory_area, {
      length: 304n,
      addr: BigInt(ANSWER),
    });
  }

  describe(available: number): this {
    const fields = { descriptor_addr: BigInt(ANSWER), version: 1, available_length: available };
    return this.op(OPCODE.DESCRIBE_DEVICE, admin.describe_device, fields);
  }

  configure(format: number = QUEUE_FORMAT.GQI_QPL, stride = 64): this {
    return this.op(OPCODE.CONFIGURE_DEVICE_RESOURCES, admin.configure_device_resources, {
      ...{ counter_array: BigInt(COUNTERS), irq_db_addr: BigInt(BLOCKS), num_counters: 2, num_irq_dbs: 2 },
      ...{ irq_db_stride: stride, queue_format: format },
    });
  }

  /** So many pages, those of a transmit queue from the first on. */
  pages(id: number, count: number, pageSize = PAGE): this {
    const first = id === 0 || id === 0x18ae_5458 ? 0 : 16;
    for (let i = 0; i < count; i++)
      this.rig.view.setBigUint64(LIST + 8 * i, BigInt(PAGES + (first + i) * PAGE));
    const fields = {
      page_list_id: id,
      num_pages: count,
      page_address_list_addr: BigInt(LIST),
      page_size: BigInt(pageSize),
    };
    return this.op(OPCODE.REGISTER_PAGE_LIST, admin.register_page_list, fields);
  }

  transmit(list: number, size = 256): this {
    return this.op(OPCODE.CREATE_TX_QUEUE, admin.create_tx_queue, {
      ...{ queue_resources_addr: BigInt(RESOURCES), tx_ring_addr: BigInt(TX_RING), tx_ring_size: size },
      ...{ queue_page_list_id: list, ntfy_id: 0 },
    });
  }

  receive(list: number, size = 256, buffer = 2048): this {
    return this.op(OPCODE.CREATE_RX_QUEUE, admin.create_rx_queue, {
      ...{
        queue_resources_addr: BigInt(RESOURCES + 64),
        rx_desc_ring_addr: BigInt(RX_RING),
        rx_data_ring_addr: BigInt(SLOTS),
      },
      ...{ rx_ring_size: size, packet_buffer_size: buffer, queue_page_list_id: list, ntfy_id: 1 },
    });
  }

  /** Fills the slots of so many buffers, half a page each, and rings. */
  buffers(count: number): this {
    for (let i = 0; i < count; i++) this.rig.view.setBigUint64(SLOTS + 8 * i, BigInt((i % 32) * 2048));
    return this.ring(RESOURCES + 64, count);
  }

  /** Rings the doorbell whose index is at an address. */
  ring(at: number, value: number): this {
    this.rig.ring(this.rig.view.getUint32(at), value);
    return this;
  }

  blocks(value: number): this {
    return this.ring(BLOCKS, value).ring(BLOCKS + 64, value);
  }
}

const linux = (revision: number) => {
  const steps = new Steps(revision);
  if (revision === 0) steps.place();
  else {
    steps.write(reg.ADMINQ_BASE_ADDRESS_HI, 0).write(reg.ADMINQ_BASE_ADDRESS_LO, QUEUE);
    steps.write(reg.DRIVER_STATUS, reg.DRIVER_STATUS.mask.RUN);
  }
  const report = { stats_report_len: 136n, stats_report_addr: BigInt(STATS), interval: 20_000n };
  steps.verify().describe(4096).configure().op(OPCODE.REPORT_STATS, admin.report_stats, report);
  return steps.pages(0, 16).pages(1, 32).transmit(0).receive(1).buffers(256).blocks(0);
};

/** Two drivers that say nothing of sizes, which older devices did not take. */
const without = { pageSize: 0, ring: 0, buffer: 0 };

const DRIVERS: Readonly<Record<string, () => Steps>> = {
  Linux: () => linux(0),
  'Linux on revision 1': () => linux(1),
  FreeBSD: () => {
    const steps = new Steps().place().verify().describe(4096).configure();
    return steps.pages(0, 16).pages(1, 32).receive(1).buffers(256).transmit(0).blocks(0);
  },
  DPDK: () => {
    const steps = new Steps().place().verify().describe(4096).configure();
    steps
      .pages(0, 16)
      .pages(1, 32, 0)
      .transmit(0)
      .ring(BLOCKS, MASK)
      .receive(1)
      .ring(BLOCKS + 64, MASK)
      .buffers(255);
    const report = { stats_report_len: 136n, stats_report_addr: BigInt(STATS), interval: 20_000n };
    const speed = { link_speed_address: BigInt(ANSWER) };
    return steps
      .op(OPCODE.REPORT_LINK_SPEED, admin.report_link_speed, speed)
      .op(OPCODE.REPORT_STATS, admin.report_stats, report);
  },
  iPXE: () => {
    const both = (steps: Steps) => {
      steps.place().write(reg.ADMINQ_BASE_ADDRESS_LO, QUEUE).write(reg.ADMINQ_BASE_ADDRESS_HI, 0);
      // The length as 32 bits, of which the first two bytes count.
      return steps.write(reg.ADMINQ_LENGTH, 4096 << 16).write(reg.DRIVER_STATUS, reg.DRIVER_STATUS.mask.RUN);
    };
    const steps = both(new Steps()).describe(256).write(reg.ADMINQ_PFN, 0);
    both(steps).configure().blocks(MASK);
    return steps
      .pages(0x18ae_5458, 4)
      .pages(0x18ae_5258, 32)
      .transmit(0x18ae_5458)
      .receive(0x18ae_5258)
      .buffers(64);
  },
  nanos: () => {
    const steps = new Steps().place().describe(4096).configure();
    const { pageSize, ring, buffer } = without;
    steps
      .pages(0, 16, pageSize)
      .transmit(0, ring)
      .pages(1, 32, pageSize)
      .receive(1, ring, buffer)
      .buffers(256);
    return steps.blocks(ACK);
  },
  tamago: () => {
    const steps = new Steps()
      .write(reg.DEVICE_STATUS, 0)
      .place()
      .write(reg.DRIVER_STATUS, reg.DRIVER_STATUS.mask.RUN);
    steps.describe(4096).configure().blocks(0);
    return steps
      .pages(0, 16, without.pageSize)
      .transmit(0)
      .pages(1, 32, without.pageSize)
      .receive(1)
      .buffers(256)
      .blocks(ACK | EVENT);
  },
  'an early Linux': () => {
    const steps = new Steps().place().describe(4096).configure(QUEUE_FORMAT.UNSPECIFIED);
    const { pageSize, ring, buffer } = without;
    return steps
      .pages(0, 16, pageSize)
      .pages(1, 32, pageSize)
      .transmit(0, ring)
      .receive(1, ring, buffer)
      .buffers(256);
  },
};

test.each(Object.entries(DRIVERS))(
  '%s brings the card up in its order and with its values, to traffic',
  (_name, bringUp) => {
    const { rig, statuses } = bringUp();
    const sent: Uint8Array[] = [];
    rig.fn.device.wire.onFrame = (frame, isSent) => isSent && sent.push(frame.slice());

    rig.board.memory.write(PAGES, FRAME);
    const type_flags = TX_TYPE_FLAGS.encode({});
    const descriptor = { type_flags, desc_cnt: 1, len: FRAME.length, seg_len: FRAME.length, seg_addr: 0n };
    rig.board.memory.write(TX_RING, gqi_tx_pkt_desc.encode(descriptor));
    rig.ring(rig.view.getUint32(RESOURCES), 1);
    rig.fn.device.arrive(FRAME);

    expect(new Set(statuses)).toEqual(new Set([COMMAND_STATUS.PASSED]));
    expect(sent).toEqual([FRAME]);
    const counter = (at: number) => rig.view.getUint32(COUNTERS + 4 * rig.view.getUint32(at + 4));
    expect([counter(RESOURCES), counter(RESOURCES + 64)]).toEqual([1, 1]);
    const { len, flags_seq } = gqi_rx_desc.decode(rig.board.memory.slice(RX_RING, gqi_rx_desc.size)!);
    expect([len, flags_seq & 7]).toEqual([FRAME.length + 2, 1]);
  },
);
