import type { GuestMemory } from '../../core/memory.ts';
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
import { type LentArea, LentAreas, overlap } from './lent-areas.ts';

/** What a queue uses beside its own memory. */
interface Queue {
  /** Undefined where descriptors hold addresses. */
  readonly list: number | undefined;
  readonly block: number;
}

const { GQI_QPL, DQO_QPL, DQO_RDA } = QUEUE_FORMAT;
const { SEQUENCE } = RX_FLAGS.mask;

/** What a card has of its driver, by the commands that passed. */
export class CardState {
  isConfigured = false;
  isDescribed = false;
  knowsTypes = false;
  blocks = 0;
  format = 0;
  readonly lists = new Map<number, readonly number[]>();
  readonly pages = new Set<number>();
  readonly areas = new LentAreas();
  private readonly queues = new Map<string, Queue>();

  get isDqo(): boolean {
    return this.format >= DQO_RDA;
  }

  get hasQueues(): boolean {
    return this.queues.size > 0;
  }

  has(queue: string): boolean {
    return this.queues.has(queue);
  }

  blockOf(block: number): string | undefined {
    return this.findQueue((one) => one.block === block);
  }

  userOf(list: number): string | undefined {
    return this.findQueue((one) => one.list === list);
  }

  configure({
    num_irq_dbs,
    queue_format,
    counter_array,
    num_counters,
    irq_db_addr,
    irq_db_stride,
  }: Fields): void {
    this.isConfigured = true;
    this.blocks = num_irq_dbs!;
    this.format = queue_format! || GQI_QPL;
    this.areas.give('the array of counters', [{ address: counter_array!, length: 4 * num_counters! }]);
    this.areas.give('the indices of doorbells', [
      { address: irq_db_addr!, length: num_irq_dbs! * irq_db_stride! },
    ]);
  }

  /** Resources and queues are gone; lists stay. */
  deconfigure(): void {
    this.isConfigured = this.knowsTypes = false;
    this.blocks = 0;
    this.areas.takeBack('the array of counters');
    this.areas.takeBack('the indices of doorbells');
    for (const queue of [...this.queues.keys()]) this.destroy(queue);
  }

  reset(): void {
    this.deconfigure();
    this.isDescribed = false;
    this.lists.clear();
    this.pages.clear();
    this.areas.clear();
  }

  register(list: number, pages: readonly number[]): void {
    this.lists.set(list, pages);
    for (const page of pages) this.pages.add(page);
    this.areas.give(
      `list ${list}`,
      pages.map((address) => ({ address, length: PAGE })),
    );
  }

  unregister(list: number): void {
    for (const page of this.lists.get(list) ?? []) this.pages.delete(page);
    this.lists.delete(list);
    this.areas.takeBack(`list ${list}`);
  }

  create(queue: string, { queue_page_list_id, ntfy_id }: Fields, areas: readonly LentArea[]): void {
    const isListed = this.format === GQI_QPL || this.format === DQO_QPL;
    this.queues.set(queue, { list: isListed ? queue_page_list_id : undefined, block: ntfy_id! });
    this.areas.give(queue, areas);
  }

  destroy(queue: string): void {
    this.queues.delete(queue);
    this.areas.takeBack(queue);
  }

  private findQueue(is: (queue: Queue) => boolean): string | undefined {
    return [...this.queues].find(([, queue]) => is(queue))?.[0];
  }
}

/** A queue that is to be made. */
export class NewQueue {
  areas: readonly LentArea[] = [];
  stale = -1;
  private readonly memory: GuestMemory;
  private readonly usual: number;

  /** @param usual entries of a ring whose size is not said. */
  constructor(memory: GuestMemory, usual: number) {
    this.memory = memory;
    this.usual = usual;
  }

  read(opcode: number, fields: Fields, isDqo: boolean): void {
    const { usual } = this;
    const area = (address: string, entries: number, bytes: number) => ({
      address: fields[address]!,
      length: entries * bytes,
    });
    const resources = area('queue_resources_addr', 1, QUEUE_RESOURCES_BYTES);
    if (opcode === OPCODE.CREATE_TX_QUEUE) {
      const entries = fields.tx_ring_size! || usual;
      const posted = area('tx_ring_addr', entries, isDqo ? dqo_tx_pkt_desc.size : gqi_tx_pkt_desc.size);
      const done = area('tx_comp_ring_addr', fields.tx_comp_ring_size! || usual, dqo_tx_completion.size);
      this.areas = isDqo ? [posted, done, resources] : [posted, resources];
      this.stale = isDqo ? this.firstIn(done, dqo_tx_completion.size, isDone) : -1;
      return;
    }
    const entries = fields.rx_ring_size! || usual;
    const written = area('rx_desc_ring_addr', entries, isDqo ? dqo_rx_completion.size : gqi_rx_desc.size);
    const given = isDqo
      ? area('rx_data_ring_addr', fields.rx_buff_ring_size! || usual, dqo_rx_buffer.size)
      : area('rx_data_ring_addr', entries, gqi_rx_data_slot.size);
    this.areas = [written, given, resources];
    this.stale = isDqo
      ? this.firstIn(written, dqo_rx_completion.size, isReceived)
      : // Of these, some drivers zero the first alone.
        this.firstIn({ ...written, length: gqi_rx_desc.size }, gqi_rx_desc.size, isFirst);
  }

  /** What some of its bytes are for already; null for nothing. */
  meets(lent: LentAreas): string | null {
    const { areas } = this;
    const own = areas.some((one, i) => areas.some((other, j) => i < j && overlap(one, other)));
    return own ? 'itself' : lent.whatIn(areas);
  }

  private firstIn(
    { address, length }: LentArea,
    size: number,
    is: (view: DataView, at: number) => boolean,
  ): number {
    const bytes = this.memory.slice(address, length);
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
