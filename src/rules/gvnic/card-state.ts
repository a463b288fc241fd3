import { OPCODE, PAGE, QUEUE_RESOURCES_BYTES } from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import {
  DQO_RX_LENGTH,
  DQO_TX_COMPLETION,
  dqo_rx_buffer,
  dqo_rx_completion,
  dqo_tx_completion,
  dqo_tx_pkt_desc,
} from '../../gvnic/registers/dqo.ts';
import { gqi_rx_data_slot, gqi_rx_desc, gqi_tx_pkt_desc, RX_FLAGS } from '../../gvnic/registers/gqi.ts';
import type { Fields } from './command-fields.ts';
import type { GvnicFacts } from './facts.ts';
import { type LentArea, LentAreas } from './lent-areas.ts';

/** A queue that was made. */
export interface MadeQueue {
  /** What its command said. */
  readonly fields: Fields;
  /** Its rings: first what the device takes from. */
  readonly areas: readonly LentArea[];
  /** What it uses beside its own memory. A list is undefined where descriptors hold addresses. */
  readonly list: number | undefined;
  readonly block: number | undefined;
}

const { GQI_QPL, DQO_QPL, DQO_RDA } = QUEUE_FORMAT;
const { SEQUENCE } = RX_FLAGS.mask;
const COMPLETIONS = 4;

/** What the card has until its queues are gone. */
export const STATISTICS = 'the block of statistics';

/** What a card has of its driver, by the commands that passed. */
export class CardState {
  isConfigured = false;
  isDescribed = false;
  knowsTypes = false;
  blocks = 0;
  format = 0;
  readonly lists = new Map<number, readonly number[]>();
  /** Of each page, the list that has it. */
  readonly pages = new Map<number, number>();
  readonly areas = new LentAreas();
  /** By their numbers. */
  readonly transmit = new Map<number, MadeQueue>();
  readonly receive = new Map<number, MadeQueue>();
  private readonly queues = new Map<string, MadeQueue>();

  get isDqo(): boolean {
    return this.format >= DQO_RDA;
  }

  get hasQueues(): boolean {
    return this.queues.size > 0;
  }

  /** What bytes of one of these are already for, but for one thing; null for nothing. */
  whatIn(areas: readonly LentArea[], but = ''): string | null {
    return this.areas.whatIn(areas, but) ?? this.listIn(areas);
  }

  has(queue: string): boolean {
    return this.queues.has(queue);
  }

  blockOf(block: number | undefined): string | undefined {
    if (block === undefined) return undefined;
    return this.findQueue((one) => one.block === block);
  }

  userOf(list: number): string | undefined {
    return this.findQueue((one) => one.list === list);
  }

  configure(fields: Fields): void {
    this.isConfigured = true;
    this.blocks = fields.num_irq_dbs!;
    this.format = fields.queue_format! || GQI_QPL;
    const [counters, indices] = resourcesOf(fields);
    this.areas.give('the array of counters', [counters]);
    this.areas.give('the indices of doorbells', [indices]);
  }

  /** Resources and queues are gone; lists stay. */
  deconfigure(): void {
    this.isConfigured = this.knowsTypes = false;
    this.blocks = 0;
    this.areas.takeBack('the array of counters');
    this.areas.takeBack('the indices of doorbells');
    this.areas.takeBack(STATISTICS);
    for (const queue of [...this.queues.keys()]) this.destroy(queue);
  }

  register(list: number, pages: readonly number[]): void {
    this.lists.set(list, pages);
    for (const page of pages) this.pages.set(page, list);
  }

  unregister(list: number): void {
    for (const page of this.lists.get(list) ?? []) this.pages.delete(page);
    this.lists.delete(list);
  }

  create(queue: string, fields: Fields, areas: readonly LentArea[]): void {
    const { queue_id, queue_page_list_id, ntfy_id } = fields;
    const isListed = this.format === GQI_QPL || this.format === DQO_QPL;
    const made = { fields, areas, list: isListed ? queue_page_list_id : undefined, block: ntfy_id };
    this.queues.set(queue, made);
    this.kindOf(queue).set(queue_id!, made);
    this.areas.give(queue, areas);
  }

  destroy(queue: string): void {
    const made = this.queues.get(queue);
    if (made !== undefined) this.kindOf(queue).delete(made.fields.queue_id!);
    this.queues.delete(queue);
    this.areas.takeBack(queue);
    // The card reports of receive queues alone: DPDK frees the block once they are destroyed.
    if (this.receive.size === 0) this.areas.takeBack(STATISTICS);
  }

  private kindOf(queue: string): Map<number, MadeQueue> {
    return queue.startsWith('transmit') ? this.transmit : this.receive;
  }

  private listIn(areas: readonly LentArea[]): string | null {
    const { pages } = this;
    if (pages.size === 0) return null;
    for (const { address, length } of areas) {
      if (length > pages.size * PAGE) continue;
      for (let page = address - (address % PAGE); page < address + length; page += PAGE) {
        const list = pages.get(page);
        if (list !== undefined) return `list ${list}`;
      }
    }
    return null;
  }

  private findQueue(is: (queue: MadeQueue) => boolean): string | undefined {
    return [...this.queues].find(([, queue]) => is(queue))?.[0];
  }
}

/** The counters, and the indices of doorbells: no more of either than `most`. */
export function resourcesOf(fields: Fields, most = Number.POSITIVE_INFINITY): readonly [LentArea, LentArea] {
  const { counter_array, num_counters, irq_db_addr, num_irq_dbs, irq_db_stride } = fields;
  return [
    { address: counter_array!, length: 4 * Math.min(num_counters!, most) },
    { address: irq_db_addr!, length: Math.min(num_irq_dbs!, most) * irq_db_stride! },
  ];
}

/** A queue that is to be made. */
export class NewQueue {
  areas: readonly LentArea[] = [];
  stale = -1;
  /** The field of the first ring that is of no size that the device has; null if all are. */
  wrongSize: string | null = null;
  private readonly facts: GvnicFacts;

  constructor(facts: GvnicFacts) {
    this.facts = facts;
  }

  read(opcode: number, fields: Fields, isDqo: boolean): void {
    // Of a ring whose size is not said.
    const usual = this.facts.ringSize;
    this.wrongSize = this.findWrong(opcode, fields, isDqo);
    const area = (address: string, entries: number, bytes: number) => ({
      address: fields[address]!,
      length: entries * bytes,
    });
    // One of a mailbox has none.
    const hasResources = fields.queue_resources_addr !== undefined;
    const resources = hasResources ? [area('queue_resources_addr', 1, QUEUE_RESOURCES_BYTES)] : [];
    if (opcode === OPCODE.CREATE_TX_QUEUE) {
      const entries = fields.tx_ring_size! || usual;
      const posted = area('tx_ring_addr', entries, isDqo ? dqo_tx_pkt_desc.size : gqi_tx_pkt_desc.size);
      const done = area('tx_comp_ring_addr', fields.tx_comp_ring_size! || usual, dqo_tx_completion.size);
      this.areas = isDqo ? [posted, done, ...resources] : [posted, ...resources];
      this.stale = isDqo ? this.firstIn(done, dqo_tx_completion.size, isDone) : -1;
      return;
    }
    const entries = fields.rx_ring_size! || usual;
    const written = area('rx_desc_ring_addr', entries, isDqo ? dqo_rx_completion.size : gqi_rx_desc.size);
    const given = isDqo
      ? area('rx_data_ring_addr', fields.rx_buff_ring_size! || usual, dqo_rx_buffer.size)
      : area('rx_data_ring_addr', entries, gqi_rx_data_slot.size);
    this.areas = [written, given, ...resources];
    this.stale = isDqo
      ? this.firstIn(written, dqo_rx_completion.size, isReceived)
      : // Of these, some drivers zero the first alone.
        this.firstIn({ ...written, length: gqi_rx_desc.size }, gqi_rx_desc.size, isFirst);
  }

  private findWrong(opcode: number, fields: Fields, isDqo: boolean): string | null {
    const { leastTx, leastRx, most } = this.facts.rings;
    // A ring of completions may be longer than that of what is completed: one driver makes it four times as long.
    const completionsMost = COMPLETIONS * most;
    const [own, other] =
      opcode === OPCODE.CREATE_TX_QUEUE
        ? (['tx_ring_size', 'tx_comp_ring_size'] as const)
        : (['rx_ring_size', 'rx_buff_ring_size'] as const);
    const [least, ownMost, otherMost] =
      opcode === OPCODE.CREATE_TX_QUEUE
        ? [leastTx, most, completionsMost]
        : [leastRx, isDqo ? completionsMost : most, most];
    if (!this.fits(fields[own]!, least, ownMost)) return own;
    return isDqo && !this.fits(fields[other]!, least, otherMost) ? other : null;
  }

  /** 0 is the descriptor's size, as drivers from before the field have it. */
  private fits(size: number, least: number, most: number): boolean {
    if (size === 0 || size === this.facts.ringSize) return true;
    return size >= least && size <= most && (size & (size - 1)) === 0;
  }

  private firstIn(
    { address, length }: LentArea,
    size: number,
    is: (view: DataView, at: number) => boolean,
  ): number {
    const bytes = this.facts.memory.slice(address, length);
    if (bytes === null) return -1;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < length; at += size) if (is(view, at)) return at / size;
    return -1;
  }
}

const isDone = (view: DataView, at: number) =>
  (view.getUint16(at, true) & DQO_TX_COMPLETION.mask.GENERATION) !== 0;
const isReceived = (view: DataView, at: number) =>
  (view.getUint16(at + dqo_rx_completion.offset.length, true) & DQO_RX_LENGTH.mask.GENERATION) !== 0;
const isFirst = (view: DataView, at: number) =>
  (view.getUint16(at + gqi_rx_desc.offset.flags_seq, false) & SEQUENCE) === 1;
