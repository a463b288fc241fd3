import type { Width } from '../core/bits.ts';
import type { GuestMemory } from '../core/memory.ts';
import { CardRig, DOORBELLS } from './card-rig.ts';
import * as admin from './registers/admin.ts';
import { QUEUE_FORMAT, type QueueFormat } from './registers/descriptor.ts';
import type { GvnicSettings } from './settings.ts';

const { OPCODE, PAGE } = admin;
const [COUNTERS, BLOCKS, LIST, RESOURCES] = [0x3000, 0x4000, 0x5000, 0x6000];
/** Where its rings are; with GQI rings the last two are not used, or are those of receive buffers. */
export const RINGS = { transmit: 0x1_0000, done: 0x2_0000, received: 0x3_0000, buffers: 0x5_0000 } as const;
/** Pages for packets, the first of which are of the transmit queue's list. */
export const PAGES = 0x8_0000;
/** Entries of every ring. */
export const ENTRIES = 256;
const LISTED = 64;

/** For tests: a card with a pair of queues, and the hands of a driver that rings their doorbells. */
export class QueueRig extends CardRig {
  readonly isDqo: boolean;
  /** Frames that the card sent. */
  readonly frames: Uint8Array[] = [];

  constructor(format: QueueFormat, more: Partial<GvnicSettings> = {}, memory?: GuestMemory) {
    super({ pairs: 1, formats: [format], ...more }, memory);
    this.isDqo = format === 'DQO_RDA' || format === 'DQO_QPL';
    this.fn.device.wire.onFrame = (frame, isSent) => isSent && this.frames.push(frame.slice());
    this.begin();
    this.run(OPCODE.CONFIGURE_DEVICE_RESOURCES, admin.configure_device_resources, {
      ...{ counter_array: BigInt(COUNTERS), irq_db_addr: BigInt(BLOCKS), num_counters: 2, num_irq_dbs: 2 },
      ...{ irq_db_stride: 64, queue_format: QUEUE_FORMAT[format] },
    });
    for (const id of [0, 1]) this.list(id);
    this.createTransmit();
    this.createReceive();
  }

  createTransmit(more = {}): number {
    return this.run(OPCODE.CREATE_TX_QUEUE, admin.create_tx_queue, {
      ...{ queue_resources_addr: BigInt(RESOURCES), tx_ring_addr: BigInt(RINGS.transmit) },
      ...{ tx_comp_ring_addr: BigInt(RINGS.done), tx_ring_size: ENTRIES, tx_comp_ring_size: ENTRIES },
      ...more,
    });
  }

  createReceive(more = {}): number {
    return this.run(OPCODE.CREATE_RX_QUEUE, admin.create_rx_queue, {
      ...{ queue_resources_addr: BigInt(RESOURCES + 64), rx_desc_ring_addr: BigInt(RINGS.received) },
      ...{ rx_data_ring_addr: BigInt(RINGS.buffers), rx_ring_size: ENTRIES, rx_buff_ring_size: ENTRIES },
      ...{ packet_buffer_size: 2048, queue_page_list_id: 1, ntfy_id: 1 },
      ...more,
    });
  }

  /** What the counter of the transmit queue says. */
  get transmitCount(): number {
    return this.view.getUint32(COUNTERS + 4 * this.view.getUint32(RESOURCES + 4));
  }

  ringTransmit(value: number): void {
    this.ringAt(RESOURCES, value);
  }

  ringReceive(value: number): void {
    this.ringAt(RESOURCES + 64, value);
  }

  ringBlock(block: number, value: number): void {
    this.ringAt(BLOCKS + block * 64, value);
  }

  /** Writes anywhere behind BAR2. */
  doorbell(offset: number, value: number, width: Width): void {
    this.mmio.write(DOORBELLS + offset, value, width);
  }

  bytes(at: number, length: number): Uint8Array {
    return this.board.memory.slice(at, length)!.slice();
  }

  private ringAt(at: number, value: number): void {
    const index = this.view.getUint32(at);
    if (this.isDqo) this.doorbell(4 * index, value >>> 0, 4);
    else this.ring(index, value);
  }

  private list(id: number): void {
    for (let i = 0; i < LISTED; i++)
      this.view.setBigUint64(LIST + 8 * i, BigInt(PAGES + (id * LISTED + i) * PAGE));
    this.run(OPCODE.REGISTER_PAGE_LIST, admin.register_page_list, {
      ...{ page_list_id: id, num_pages: LISTED, page_address_list_addr: BigInt(LIST) },
    });
  }
}
