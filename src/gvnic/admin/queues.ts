import type { Gpa } from '../../core/bits.ts';
import { Area } from '../area.ts';
import { type Buffers, PageList, RawBuffers } from '../buffers.ts';
import type { Card, QueuePlace } from '../card.ts';
import { DOORBELL } from '../doorbells.ts';
import { DqoReceive } from '../dqo/receive.ts';
import { DqoTransmit } from '../dqo/transmit.ts';
import { GqiReceive } from '../gqi/receive.ts';
import { GqiTransmit } from '../gqi/transmit.ts';
import { QueueSet } from '../queue-set.ts';
import {
  COMMAND_STATUS,
  create_rx_queue,
  create_tx_queue,
  QUEUE_RESOURCES_BYTES,
  queue_resources,
  takesPackets,
} from '../registers/admin.ts';
import { dqo_rx_buffer, dqo_rx_completion, dqo_tx_completion, dqo_tx_pkt_desc } from '../registers/dqo.ts';
import { gqi_rx_data_slot, gqi_rx_desc, gqi_tx_pkt_desc, RX_BUFFER } from '../registers/gqi.ts';
import { COMPLETIONS_MOST, type GvnicSettings, isDqo, pagesMost, RING, takesSizes } from '../settings.ts';
import { PageLists } from './page-lists.ts';
import type { Resources } from './resources.ts';

const { PASSED, ALREADY_EXISTS, FAILED_PRECONDITION, INVALID_ARGUMENT, NOT_FOUND } = COMMAND_STATUS;

/** What a queue is made from; or the status of why it cannot be. */
interface Made {
  readonly place: QueuePlace;
  readonly buffers: Buffers;
}

/** The queues that a driver made, and the lists of pages that they use. */
export class Queues extends QueueSet {
  readonly pageLists: PageLists;
  private readonly settings: GvnicSettings;
  private readonly resources: Resources;
  private readonly raw: RawBuffers;
  /** Of each queue, by its doorbell. */
  private readonly lists = new Map<number, PageList>();

  constructor(card: Card, settings: GvnicSettings, resources: Resources) {
    super(card, settings.pairs);
    const { memory } = card.board;
    this.settings = settings;
    this.resources = resources;
    this.raw = new RawBuffers(memory);
    this.pageLists = new PageLists(memory, this.raw, pagesMost(settings));
  }

  createTransmit(payload: Uint8Array): number {
    const command = create_tx_queue.decode(payload);
    const { queue_id: id, tx_ring_addr, tx_comp_ring_addr, tx_ring_size, tx_comp_ring_size } = command;
    const entries = this.entriesOf(tx_ring_size, RING.leastTx);
    const ring = this.area(tx_ring_addr, entries * gqi_tx_pkt_desc.size);
    const done = this.isDqo ? this.entriesOf(tx_comp_ring_size, RING.leastTx, COMPLETIONS_MOST) : 0;
    const completions = this.area(tx_comp_ring_addr, done * dqo_tx_completion.size);
    if (entries === 0 || !ring.find()) return INVALID_ARGUMENT;
    if (this.isDqo && (done === 0 || !completions.find())) return INVALID_ARGUMENT;
    const made = this.make(this.transmit, DOORBELL.transmit, command);
    if (typeof made === 'number') return made;
    const { place, buffers } = made;
    this.transmit[id] = this.isDqo
      ? new DqoTransmit(
          this.card,
          place,
          this.area(tx_ring_addr, entries * dqo_tx_pkt_desc.size),
          completions,
          buffers,
        )
      : new GqiTransmit(this.card, place, ring, buffers);
    return PASSED;
  }

  createReceive(payload: Uint8Array): number {
    return this.isDqo ? this.createDqoReceive(payload) : this.createGqiReceive(payload);
  }

  destroyTransmit(id: number): number {
    const place = this.takeTransmit(id);
    if (place === null) return NOT_FOUND;
    this.free(place, DOORBELL.transmit);
    return PASSED;
  }

  destroyReceive(id: number): number {
    const place = this.takeReceive(id);
    if (place === null) return NOT_FOUND;
    this.free(place, DOORBELL.receive);
    return PASSED;
  }

  /** Takes all away; the lists of pages stay, but for a reset. */
  destroyAll(): void {
    for (let id = 0; id < this.pairs; id++) {
      this.destroyTransmit(id);
      this.destroyReceive(id);
    }
  }

  override reset(): void {
    this.destroyAll();
    this.pageLists.reset();
  }

  private get isDqo(): boolean {
    const { format } = this.resources;
    return format !== null && isDqo(format);
  }

  private createGqiReceive(payload: Uint8Array): number {
    const command = create_rx_queue.decode(payload);
    const { rx_desc_ring_addr, rx_data_ring_addr, rx_ring_size, packet_buffer_size } = command;
    const entries = this.entriesOf(rx_ring_size, RING.leastRx);
    const descriptors = this.area(rx_desc_ring_addr, entries * gqi_rx_desc.size);
    const slots = this.area(rx_data_ring_addr, entries * gqi_rx_data_slot.size);
    const size = packet_buffer_size || RX_BUFFER;
    if (entries === 0 || !descriptors.find() || !slots.find()) return INVALID_ARGUMENT;
    if (!takesPackets(false, size) || command.enable_rsc !== 0) return INVALID_ARGUMENT;
    const made = this.make(this.receive, DOORBELL.receive, command);
    if (typeof made === 'number') return made;
    const { place, buffers } = made;
    this.receiving++;
    this.receive[place.id] = new GqiReceive(this.card, place, { descriptors, slots }, buffers, size);
    return PASSED;
  }

  private createDqoReceive(payload: Uint8Array): number {
    const command = create_rx_queue.decode(payload);
    const { rx_desc_ring_addr, rx_data_ring_addr, packet_buffer_size, header_buffer_size } = command;
    const done = this.entriesOf(command.rx_ring_size, RING.leastRx, COMPLETIONS_MOST);
    const posted = this.entriesOf(command.rx_buff_ring_size, RING.leastRx);
    const completions = this.area(rx_desc_ring_addr, done * dqo_rx_completion.size);
    const ring = this.area(rx_data_ring_addr, posted * dqo_rx_buffer.size);
    const packet = packet_buffer_size || RX_BUFFER;
    if (done === 0 || posted === 0 || !completions.find() || !ring.find()) return INVALID_ARGUMENT;
    if (!takesSizes(this.settings, this.resources.format, packet, header_buffer_size))
      return INVALID_ARGUMENT;
    const made = this.make(this.receive, DOORBELL.receive, command);
    if (typeof made === 'number') return made;
    const { place } = made;
    const sizes = { packet, header: header_buffer_size };
    const joins = command.enable_rsc !== 0;
    const rings = { buffers: ring, completions };
    this.receiving++;
    this.receive[place.id] = new DqoReceive(this.card, place, rings, this.raw, sizes, joins);
    return PASSED;
  }

  /** Checks what queues of both kinds have, gives the queue its indices, and writes them where the driver looks. */
  private make(
    queues: readonly (object | null)[],
    kind: number,
    command: {
      readonly queue_id: number;
      readonly queue_resources_addr: bigint;
      readonly queue_page_list_id: number;
      readonly ntfy_id: number;
    },
  ): Made | number {
    const { queue_id: id, queue_page_list_id, ntfy_id: block } = command;
    const { resources, card } = this;
    if (resources.format === null) return FAILED_PRECONDITION;
    if (id >= queues.length || block >= card.blocks.count) return INVALID_ARGUMENT;
    if (queues[id] !== null) return ALREADY_EXISTS;
    const buffers = this.buffersOf(queue_page_list_id);
    if (buffers === null) return NOT_FOUND;
    const answer = this.area(command.queue_resources_addr, QUEUE_RESOURCES_BYTES);
    if (!answer.find()) return INVALID_ARGUMENT;
    const counter = resources.takeCounter();
    if (counter < 0) return FAILED_PRECONDITION;
    if (buffers instanceof PageList) {
      buffers.users++;
      this.lists.set(kind + id, buffers);
    }
    queue_resources.encode(
      { db_index: this.settings.indexShift + kind + id, counter_index: counter },
      answer.bytes,
      answer.at,
    );
    answer.wrote(0, queue_resources.size);
    return { place: { id, block, counters: resources.counters, counter }, buffers };
  }

  /** Only descriptors of GQI_QPL have offsets in a list of pages; the others have addresses, whatever list is named. */
  private buffersOf(id: number): Buffers | null {
    return this.resources.format === 'GQI_QPL' ? (this.pageLists.of(id) ?? null) : this.raw;
  }

  private free({ id, counter }: QueuePlace, kind: number): void {
    this.resources.giveCounter(counter);
    const list = this.lists.get(kind + id);
    if (list !== undefined) list.users--;
    this.lists.delete(kind + id);
  }

  /** A size of 0 is the advertised one, as drivers from before the field have it. @returns 0 if there is no such ring. */
  private entriesOf(size: number, least: number, most: number = RING.most): number {
    if (size === 0) return this.settings.ringSize;
    const isPower = (size & (size - 1)) === 0;
    return isPower && size >= least && size <= most ? size : 0;
  }

  private area(address: bigint, length: number): Area {
    const at: Gpa = Number(address);
    return new Area(this.card.board.memory, at, length);
  }
}
