import type { Gpa } from '../../../core/bits.ts';
import type { Struct } from '../../../core/struct.ts';
import {
  create_rx_queue,
  create_tx_queue,
  destroy_queue,
  OPCODE,
  PAGE,
  QUEUE_RESOURCES_BYTES,
  queue_resources,
  RAW_ADDRESSING,
} from '../../../gvnic/registers/admin.ts';
import type { QueueFormat } from '../../../gvnic/registers/descriptor.ts';
import {
  dqo_rx_buffer,
  dqo_rx_completion,
  dqo_tx_completion,
  dqo_tx_pkt_desc,
} from '../../../gvnic/registers/dqo.ts';
import { gqi_rx_data_slot, gqi_rx_desc, gqi_tx_pkt_desc, RX_BUFFER } from '../../../gvnic/registers/gqi.ts';
import { loadBig } from '../../byte-order.ts';
import type { AdminDriver } from './admin.ts';
import { DqoReceiveDriver, DqoTransmitDriver } from './dqo.ts';
import { GqiReceiveDriver, GqiTransmitDriver } from './gqi.ts';
import { AnyBuffers, type GqiBuffers, ListedBuffers } from './gqi-buffers.ts';
import type { LentMemory } from './memory.ts';
import { RegisteredPages } from './page-list.ts';
import { type Board, DOORBELLS, type DriverReceive, type DriverTransmit, type Placed } from './rings.ts';

/** Buffers of each receive queue, which has a place for many more. */
const BUFFERS = 128;
/** Pages of a transmit queue of DQO rings: a frame of 64 KiB takes 17. */
const DQO_PAGES = 128;

/** What all queues are made with. */
interface QueuePlan {
  readonly admin: AdminDriver;
  readonly lent: LentMemory;
  readonly board: Board;
  readonly format: QueueFormat;
  readonly pairs: number;
  /** Entries of every ring, and pages of a transmit queue's list with GQI rings. */
  readonly entries: number;
  readonly pages: number;
}

/** A pair of queues. */
export interface DriverPair {
  readonly transmit: DriverTransmit;
  readonly receive: DriverReceive;
}

/** The queues of a card, and the lists of pages that they use. */
export class DriverQueues {
  readonly pairs: readonly DriverPair[];
  private readonly plan: QueuePlan;
  private readonly lists: RegisteredPages[] = [];

  /** Lists first, then transmit queues, then receive queues; buffers last. */
  constructor(plan: QueuePlan) {
    this.plan = plan;
    const all = Array.from({ length: plan.pairs }, (_, id) => id);
    const isDqo = plan.format === 'DQO_RDA' || plan.format === 'DQO_QPL';
    const transmitters = all.map((id) => (isDqo ? this.dqoTransmit(id) : this.gqiTransmit(id)));
    const receivers = all.map((id) => (isDqo ? this.dqoReceive(id) : this.gqiReceive(id)));
    this.pairs = all.map((id) => ({ transmit: transmitters[id]!, receive: receivers[id]! }));
    for (const { receive } of this.pairs) receive.fill();
  }

  /** Takes them all from the device. */
  destroy(): void {
    const { admin } = this.plan;
    const ids = this.pairs.map((_, queue_id) => queue_id);
    for (const queue_id of ids) admin.must(OPCODE.DESTROY_TX_QUEUE, destroy_queue, { queue_id });
    for (const queue_id of ids) admin.must(OPCODE.DESTROY_RX_QUEUE, destroy_queue, { queue_id });
    for (const list of this.lists) list.unregister();
  }

  private gqiTransmit(id: number): DriverTransmit {
    const { entries, board, pages } = this.plan;
    const buffers = this.gqiBuffers(id, pages);
    const ring = this.ring(entries * gqi_tx_pkt_desc.size);
    const placed = this.create(OPCODE.CREATE_TX_QUEUE, create_tx_queue, {
      ...this.common(id, id),
      tx_ring_addr: BigInt(ring),
      tx_ring_size: entries,
    });
    return new GqiTransmitDriver(board, ring, entries, placed, buffers);
  }

  private gqiReceive(id: number): DriverReceive {
    const { entries, board, pairs } = this.plan;
    const count = Math.min(entries, BUFFERS);
    const buffers = this.gqiBuffers(pairs + id, count);
    const descriptors = this.ring(entries * gqi_rx_desc.size);
    const slots = this.ring(entries * gqi_rx_data_slot.size);
    const placed = this.create(OPCODE.CREATE_RX_QUEUE, create_rx_queue, {
      ...this.common(id, pairs + id),
      index: id,
      rx_desc_ring_addr: BigInt(descriptors),
      rx_data_ring_addr: BigInt(slots),
      rx_ring_size: entries,
      packet_buffer_size: RX_BUFFER,
    });
    return new GqiReceiveDriver(board, { descriptors, slots }, { entries, count }, placed, buffers);
  }

  private dqoTransmit(id: number): DriverTransmit {
    const { entries, board } = this.plan;
    const pages = this.dqoPages(id, DQO_PAGES);
    const posted = this.ring(entries * dqo_tx_pkt_desc.size);
    const completions = this.ring(entries * dqo_tx_completion.size);
    const placed = this.create(OPCODE.CREATE_TX_QUEUE, create_tx_queue, {
      ...this.common(id, id),
      tx_ring_addr: BigInt(posted),
      tx_comp_ring_addr: BigInt(completions),
      tx_ring_size: entries,
      tx_comp_ring_size: entries,
    });
    return new DqoTransmitDriver(board, { posted, completions, entries }, placed, pages);
  }

  private dqoReceive(id: number): DriverReceive {
    const { entries, board, pairs } = this.plan;
    const count = Math.min(entries / 2, BUFFERS);
    const pages = this.dqoPages(pairs + id, count / 2);
    const posted = this.ring(entries * dqo_rx_buffer.size);
    const completions = this.ring(entries * dqo_rx_completion.size);
    const placed = this.create(OPCODE.CREATE_RX_QUEUE, create_rx_queue, {
      ...this.common(id, pairs + id),
      rx_desc_ring_addr: BigInt(completions),
      rx_data_ring_addr: BigInt(posted),
      rx_ring_size: entries,
      rx_buff_ring_size: entries,
      packet_buffer_size: RX_BUFFER,
      enable_rsc: 1,
    });
    return new DqoReceiveDriver(board, { posted, completions, entries }, placed, pages);
  }

  /** A block for each queue, transmit queues first, and a list of pages of the same number. */
  private common(queue_id: number, block: number) {
    const listed = this.plan.format === 'GQI_QPL' || this.plan.format === 'DQO_QPL';
    return { queue_id, ntfy_id: block, queue_page_list_id: listed ? block : RAW_ADDRESSING };
  }

  private create(opcode: number, body: Struct, fields: Readonly<Record<string, number | bigint>>): Placed {
    const { admin, lent } = this.plan;
    const answer = this.ring(QUEUE_RESOURCES_BYTES);
    admin.must(opcode, body, { ...fields, queue_resources_addr: BigInt(answer) });
    const word = (at: number) => loadBig(lent.port, answer + at, 4);
    const { db_index, counter_index } = queue_resources.offset;
    const placed = { doorbell: word(db_index), counter: word(counter_index) };
    if (placed.doorbell >= DOORBELLS || placed.counter >= this.plan.board.counters)
      admin.fail('the doorbell or the counter of a queue is nowhere');
    return placed;
  }

  private gqiBuffers(list: number, pages: number): GqiBuffers {
    return this.plan.format === 'GQI_QPL'
      ? new ListedBuffers(this.register(list, pages))
      : new AnyBuffers(this.plan.lent);
  }

  private dqoPages(list: number, count: number): readonly Gpa[] {
    if (this.plan.format === 'DQO_QPL') return this.register(list, count).pages;
    return Array.from({ length: count }, () => this.plan.lent.allocate(PAGE, PAGE));
  }

  private register(list: number, count: number): RegisteredPages {
    const pages = new RegisteredPages(this.plan.lent, this.plan.admin, list, count);
    this.lists.push(pages);
    return pages;
  }

  private ring(bytes: number): Gpa {
    return this.plan.lent.allocate(bytes, PAGE);
  }
}
