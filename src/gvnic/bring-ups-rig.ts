import { struct } from '../core/struct.ts';
import { makeFrame } from '../net/frame/make.ts';
import { ANSWER, type CardRig, QUEUE } from './card-rig.ts';
import * as admin from './registers/admin.ts';
import * as reg from './registers/bar0.ts';
import { QUEUE_FORMAT } from './registers/descriptor.ts';
import { GQI_IRQ } from './registers/doorbells.ts';
import { gqi_tx_pkt_desc, TX_TYPE_FLAGS } from './registers/gqi.ts';

const { OPCODE } = admin;
const NOTHING = struct('nothing', 'be', {});
export const [COUNTERS, RESOURCES] = [0x3000, 0x6000];
const [BLOCKS, LIST, STATS] = [0x4000, 0x5000, 0x9000];
export const RX_RING = 0x2_0000;
const [TX_RING, SLOTS, PAGES] = [0x1_0000, 0x3_0000, 0x4_0000];
export const FRAME = makeFrame();
const { MASK, ACK, EVENT } = GQI_IRQ.mask;
const PAGE = 4096;

/** Makes the card. */
type Make = (revision: number) => CardRig;

/** Steps of a driver, in its order and with its values. */
export class Steps {
  readonly rig: CardRig;
  readonly statuses: number[] = [];

  constructor(make: Make, revision = 0) {
    this.rig = make(revision);
  }

  read(register: { readonly offset: number }): this {
    this.rig.readRegister(register);
    return this;
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

const linux = (make: Make, revision: number) => {
  const steps = new Steps(make, revision);
  if (revision === 0) steps.place();
  else {
    steps.write(reg.ADMINQ_BASE_ADDRESS_HI, 0).write(reg.ADMINQ_BASE_ADDRESS_LO, QUEUE);
    steps.write(reg.DRIVER_STATUS, reg.DRIVER_STATUS.mask.RUN);
  }
  const report = { stats_report_len: 136n, stats_report_addr: BigInt(STATS), interval: 20_000n };
  steps.verify().describe(4096).configure().op(OPCODE.REPORT_STATS, admin.report_stats, report);
  return steps.pages(0, 16).pages(1, 32).transmit(0).receive(1).buffers(256).blocks(0);
};

const ipxe = (make: Make, room: number, format: number, ring: number) => {
  const both = (steps: Steps) => {
    steps.place().write(reg.ADMINQ_BASE_ADDRESS_LO, QUEUE).write(reg.ADMINQ_BASE_ADDRESS_HI, 0);
    // The length as 32 bits, of which the first two bytes count.
    return steps.write(reg.ADMINQ_LENGTH, 4096 << 16).write(reg.DRIVER_STATUS, reg.DRIVER_STATUS.mask.RUN);
  };
  const steps = both(new Steps(make)).describe(room).write(reg.ADMINQ_PFN, 0).read(reg.ADMINQ_PFN);
  both(steps).configure(format).blocks(MASK);
  return steps
    .pages(0x18ae_5458, 4)
    .pages(0x18ae_5258, 32)
    .transmit(0x18ae_5458, ring)
    .receive(0x18ae_5258, ring)
    .buffers(64);
};

/** Two drivers that say nothing of sizes, which older devices did not take. */
const without = { pageSize: 0, ring: 0, buffer: 0 };

/** What public drivers do from their first access on, each in its order and with its values. */
export const DRIVERS: Readonly<Record<string, (make: Make) => Steps>> = {
  Linux: (make) => linux(make, 0),
  'Linux on revision 1': (make) => linux(make, 1),
  FreeBSD: (make) => {
    const steps = new Steps(make).place().verify().describe(4096).configure();
    return steps.pages(0, 16).pages(1, 32).receive(1).buffers(256).transmit(0).blocks(0);
  },
  DPDK: (make) => {
    const steps = new Steps(make).place().verify().describe(4096).configure();
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
  iPXE: (make) => ipxe(make, 256, QUEUE_FORMAT.GQI_QPL, 256),
  // Until September 2025 it had no room for options, and named neither a format nor sizes.
  'iPXE before it read options': (make) => ipxe(make, 40, QUEUE_FORMAT.UNSPECIFIED, 0),
  nanos: (make) => {
    const steps = new Steps(make).place().describe(4096).configure();
    const { pageSize, ring, buffer } = without;
    steps
      .pages(0, 16, pageSize)
      .transmit(0, ring)
      .pages(1, 32, pageSize)
      .receive(1, ring, buffer)
      .buffers(256);
    return steps.blocks(ACK);
  },
  tamago: (make) => {
    const steps = new Steps(make)
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
  'an early Linux': (make) => {
    const steps = new Steps(make).place().describe(4096).configure(QUEUE_FORMAT.UNSPECIFIED);
    const { pageSize, ring, buffer } = without;
    return steps
      .pages(0, 16, pageSize)
      .pages(1, 32, pageSize)
      .transmit(0, ring)
      .receive(1, ring, buffer)
      .buffers(256);
  },
};

/** It sends a frame, from the first of its pages. */
export function sendFrame(rig: CardRig): void {
  const { board, view } = rig;
  board.memory.write(PAGES, FRAME);
  const type_flags = TX_TYPE_FLAGS.encode({});
  const descriptor = { type_flags, desc_cnt: 1, len: FRAME.length, seg_len: FRAME.length, seg_addr: 0n };
  board.memory.write(TX_RING, gqi_tx_pkt_desc.encode(descriptor));
  rig.ring(view.getUint32(RESOURCES), 1);
}
