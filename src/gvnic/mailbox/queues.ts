import { Area } from '../area.ts';
import { RawBuffers } from '../buffers.ts';
import type { Card, QueuePlace } from '../card.ts';
import { DqoReceive } from '../dqo/receive.ts';
import { DqoTransmit } from '../dqo/transmit.ts';
import { QueueSet } from '../queue-set.ts';
import { COMMAND_STATUS } from '../registers/admin.ts';
import { dqo_rx_buffer, dqo_rx_completion, dqo_tx_completion, dqo_tx_pkt_desc } from '../registers/dqo.ts';
import type { mailbox_rx_queue, mailbox_tx_queue } from '../registers/mailbox.ts';
import { COMPLETIONS_MOST, RING, takesSizes } from '../settings.ts';

const { PASSED, ALREADY_EXISTS, INVALID_ARGUMENT, NOT_FOUND } = COMMAND_STATUS;

type Transmit = ReturnType<typeof mailbox_tx_queue.decode>;
type Receive = ReturnType<typeof mailbox_rx_queue.decode>;

/** Queues that a driver made by a mailbox: each has to be enabled before it does anything. */
export class MailboxQueues extends QueueSet {
  private readonly madeTransmit: (DqoTransmit | null)[];
  private readonly madeReceive: (DqoReceive | null)[];
  /** What was written to the doorbells of transmit queues that are not enabled. */
  private readonly tails: Uint32Array;
  private readonly raw: RawBuffers;

  constructor(card: Card, pairs: number) {
    super(card, pairs);
    this.raw = new RawBuffers(card.board.memory);
    this.madeTransmit = new Array<DqoTransmit | null>(pairs).fill(null);
    this.madeReceive = new Array<DqoReceive | null>(pairs).fill(null);
    this.tails = new Uint32Array(pairs);
  }

  /** @returns a status. */
  createTransmit({ id, vector, ring, completion_ring, ring_size, completion_ring_size }: Transmit): number {
    if (id >= this.pairs) return INVALID_ARGUMENT;
    if (this.madeTransmit[id] !== null) return ALREADY_EXISTS;
    if (!isSize(ring_size, RING.leastTx, RING.most)) return INVALID_ARGUMENT;
    if (!isSize(completion_ring_size, RING.leastTx, COMPLETIONS_MOST)) return INVALID_ARGUMENT;
    const descriptors = this.area(ring, ring_size * dqo_tx_pkt_desc.size);
    const completions = this.area(completion_ring, completion_ring_size * dqo_tx_completion.size);
    if (!descriptors.find() || !completions.find()) return INVALID_ARGUMENT;
    const place = this.placeOf(id, vector);
    this.madeTransmit[id] = new DqoTransmit(this.card, place, descriptors, completions, this.raw);
    this.tails[id] = 0;
    return PASSED;
  }

  createReceive(fields: Receive): number {
    const { id, vector, flags, completion_ring, buffer_ring } = fields;
    const { packet_buffer_size: packet, header_buffer_size: header } = fields;
    if (id >= this.pairs) return INVALID_ARGUMENT;
    if (this.madeReceive[id] !== null) return ALREADY_EXISTS;
    if (!isSize(fields.buffer_ring_size, RING.leastRx, RING.most)) return INVALID_ARGUMENT;
    if (!isSize(fields.completion_ring_size, RING.leastRx, COMPLETIONS_MOST)) return INVALID_ARGUMENT;
    if (!takesSizes(this.card.settings, 'DQO_RDA', packet, header)) return INVALID_ARGUMENT;
    const completions = this.area(completion_ring, fields.completion_ring_size * dqo_rx_completion.size);
    const buffers = this.area(buffer_ring, fields.buffer_ring_size * dqo_rx_buffer.size);
    if (!completions.find() || !buffers.find()) return INVALID_ARGUMENT;
    const place = this.placeOf(id, vector);
    const joins = (flags & 1) !== 0;
    const rings = { buffers, completions };
    this.madeReceive[id] = new DqoReceive(this.card, place, rings, this.raw, { packet, header }, joins);
    return PASSED;
  }

  /** What was posted before is sent. */
  enableTransmit(id: number): number {
    const queue = this.madeTransmit[id];
    if (!queue) return NOT_FOUND;
    if (this.transmit[id] !== null) return PASSED;
    this.transmit[id] = queue;
    this.card.budget.renew();
    queue.ring(this.tails[id]!);
    return PASSED;
  }

  enableReceive(id: number): number {
    const queue = this.madeReceive[id];
    if (!queue) return NOT_FOUND;
    if (this.receive[id] === null) this.receiving++;
    this.receive[id] = queue;
    return PASSED;
  }

  destroyTransmit(id: number): number {
    if (!this.madeTransmit[id]) return NOT_FOUND;
    this.takeTransmit(id);
    this.madeTransmit[id] = null;
    return PASSED;
  }

  destroyReceive(id: number): number {
    if (!this.madeReceive[id]) return NOT_FOUND;
    this.takeReceive(id);
    this.madeReceive[id] = null;
    return PASSED;
  }

  override reset(): void {
    super.reset();
    this.madeTransmit.fill(null);
    this.madeReceive.fill(null);
  }

  ringTransmit(id: number, value: number): void {
    const queue = this.transmit[id];
    if (!queue) {
      if (id < this.pairs) this.tails[id] = value;
      return;
    }
    this.card.budget.renew();
    queue.ring(value);
  }

  ringReceive(id: number, value: number): void {
    this.madeReceive[id]?.ring(value);
  }

  /** These rings count in no array. */
  private placeOf(id: number, block: number): QueuePlace {
    return { id, block, counters: this.area(0n, 0), counter: 0 };
  }

  private area(address: bigint, length: number): Area {
    return new Area(this.card.board.memory, Number(address), length);
  }
}

function isSize(size: number, least: number, most: number): boolean {
  return size >= least && size <= most && (size & (size - 1)) === 0;
}
