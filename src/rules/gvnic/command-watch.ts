import type { Journal } from '../../core/journal.ts';
import type { Struct } from '../../core/struct.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import {
  adminq_command,
  COMMAND_STATUS,
  configure_device_resources,
  create_rx_queue,
  create_tx_queue,
  destroy_queue,
  OPCODE,
  PAGE,
  register_page_list,
  unregister_page_list,
} from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import {
  dqo_rx_buffer,
  dqo_rx_completion,
  dqo_tx_completion,
  dqo_tx_pkt_desc,
} from '../../gvnic/registers/dqo.ts';
import { gqi_rx_data_slot, gqi_rx_desc, gqi_tx_pkt_desc } from '../../gvnic/registers/gqi.ts';
import { type CommandKnows, GVNIC_COMMANDS } from './commands.ts';
import type { GvnicFacts } from './facts.ts';

const { PASSED } = COMMAND_STATUS;
const PAYLOAD = adminq_command.offset.payload;
const ADDRESS_BYTES = 8;
const HIGH = 0x1_0000_0000;
const NONE = -1;
/** Payloads whose fields are looked at. */
const BODIES: ReadonlyMap<number, Struct> = new Map<number, Struct>([
  [OPCODE.CONFIGURE_DEVICE_RESOURCES, configure_device_resources],
  [OPCODE.REGISTER_PAGE_LIST, register_page_list],
  [OPCODE.UNREGISTER_PAGE_LIST, unregister_page_list],
  [OPCODE.CREATE_TX_QUEUE, create_tx_queue],
  [OPCODE.CREATE_RX_QUEUE, create_rx_queue],
  [OPCODE.DESTROY_TX_QUEUE, destroy_queue],
  [OPCODE.DESTROY_RX_QUEUE, destroy_queue],
]);

/** Watches the commands of the admin queue. What the device has of them follows from those that passed. */
export class CommandWatch implements CommandKnows, Partial<GvnicEvents> {
  readonly facts: GvnicFacts;
  opcode = 0;
  status = 0;
  fields: Readonly<Record<string, number>> = {};
  isKnown = false;
  rest = 0;
  isConfigured = false;
  blocks = 0;
  format = 0;
  isOffered = false;
  knowsTypes = false;
  badPage = NONE;
  isRingSize = true;
  ringsAreRam = true;
  readonly lists = new Map<number, readonly number[]>();
  readonly pages = new Set<number>();
  /** Of both kinds: `transmit 0`. */
  private readonly queues = new Set<string>();
  private newPages: readonly number[] = [];
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, GVNIC_COMMANDS).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  get isDqo(): boolean {
    return this.format >= QUEUE_FORMAT.DQO_RDA;
  }

  get isTaken(): boolean {
    return this.queues.has(this.queueKey);
  }

  isRam(field: string, length: number): boolean {
    return this.facts.memory.find(this.fields[field]!, length) !== null;
  }

  reset(): void {
    this.forget();
    this.queues.clear();
    this.lists.clear();
    this.pages.clear();
  }

  commanded(slot: Uint8Array): void {
    const { opcode, status } = adminq_command.decode(slot);
    const body = BODIES.get(opcode);
    this.opcode = opcode;
    this.status = status;
    this.isKnown = body !== undefined;
    this.rest = body === undefined ? 0 : restOf(slot, body);
    this.fields = body === undefined ? {} : numbersOf(body, slot);
    if (opcode === OPCODE.CONFIGURE_DEVICE_RESOURCES) this.isOffered = this.offers(this.fields.queue_format!);
    if (opcode === OPCODE.REGISTER_PAGE_LIST) this.readPages();
    if (opcode === OPCODE.CREATE_TX_QUEUE) this.readTransmit();
    if (opcode === OPCODE.CREATE_RX_QUEUE) this.readReceive();
    this.on.commanded.tell(this);
  }

  answered(opcode: number, status: number): void {
    if (status !== PASSED) return;
    const { fields } = this;
    switch (opcode) {
      case OPCODE.CONFIGURE_DEVICE_RESOURCES:
        this.isConfigured = true;
        this.blocks = fields.num_irq_dbs!;
        this.format = fields.queue_format! || QUEUE_FORMAT.GQI_QPL;
        break;
      case OPCODE.DECONFIGURE_DEVICE_RESOURCES:
        this.forget();
        this.queues.clear();
        break;
      case OPCODE.GET_PTYPE_MAP:
        this.knowsTypes = true;
        break;
      case OPCODE.REGISTER_PAGE_LIST:
        this.lists.set(fields.page_list_id!, this.newPages);
        for (const page of this.newPages) this.pages.add(page);
        break;
      case OPCODE.UNREGISTER_PAGE_LIST:
        for (const page of this.lists.get(fields.page_list_id!) ?? []) this.pages.delete(page);
        this.lists.delete(fields.page_list_id!);
        break;
      case OPCODE.CREATE_TX_QUEUE:
      case OPCODE.CREATE_RX_QUEUE:
        this.queues.add(this.queueKey);
        break;
      case OPCODE.DESTROY_TX_QUEUE:
      case OPCODE.DESTROY_RX_QUEUE:
        this.queues.delete(this.queueKey);
        break;
    }
  }

  private get queueKey(): string {
    const { opcode, fields } = this;
    const transmits = opcode === OPCODE.CREATE_TX_QUEUE || opcode === OPCODE.DESTROY_TX_QUEUE;
    return `${transmits ? 'transmit' : 'receive'} ${fields.queue_id}`;
  }

  private forget(): void {
    this.isConfigured = this.knowsTypes = false;
    this.blocks = 0;
  }

  private offers(number: number): boolean {
    const asked = number || QUEUE_FORMAT.GQI_QPL;
    return this.facts.formats.some((format) => QUEUE_FORMAT[format] === asked);
  }

  private readPages(): void {
    const { memory } = this.facts;
    const { num_pages = 0, page_address_list_addr = 0 } = this.fields;
    const list = memory.slice(page_address_list_addr, num_pages * ADDRESS_BYTES);
    const view = list && new DataView(list.buffer, list.byteOffset, list.length);
    const addressOf = (i: number) =>
      view!.getUint32(i * ADDRESS_BYTES) * HIGH + view!.getUint32(i * ADDRESS_BYTES + 4);
    this.newPages = view === null ? [] : Array.from({ length: num_pages }, (_, i) => addressOf(i));
    const isBad = (page: number, i: number, all: readonly number[]) =>
      page % PAGE !== 0 ||
      memory.find(page, PAGE) === null ||
      this.pages.has(page) ||
      all.indexOf(page) !== i;
    this.badPage = view === null ? 0 : this.newPages.findIndex(isBad);
  }

  private readTransmit(): void {
    const { isDqo } = this;
    const { tx_ring_size = 0, tx_comp_ring_size = 0 } = this.fields;
    const { leastTx } = this.facts.rings;
    const size = tx_ring_size || this.facts.ringSize;
    this.isRingSize = this.fits(tx_ring_size, leastTx) && (!isDqo || this.fits(tx_comp_ring_size, leastTx));
    this.ringsAreRam =
      this.isRam('tx_ring_addr', size * (isDqo ? dqo_tx_pkt_desc : gqi_tx_pkt_desc).size) &&
      (!isDqo || this.isRam('tx_comp_ring_addr', tx_comp_ring_size * dqo_tx_completion.size));
  }

  private readReceive(): void {
    const { isDqo } = this;
    const { rx_ring_size = 0, rx_buff_ring_size = 0 } = this.fields;
    const { leastRx } = this.facts.rings;
    const size = rx_ring_size || this.facts.ringSize;
    this.isRingSize = this.fits(rx_ring_size, leastRx) && (!isDqo || this.fits(rx_buff_ring_size, leastRx));
    this.ringsAreRam =
      this.isRam('rx_desc_ring_addr', size * (isDqo ? dqo_rx_completion : gqi_rx_desc).size) &&
      this.isRam(
        'rx_data_ring_addr',
        isDqo ? rx_buff_ring_size * dqo_rx_buffer.size : size * gqi_rx_data_slot.size,
      );
  }

  /** 0 is the descriptor's size, as drivers from before the field have it. */
  private fits(size: number, least: number): boolean {
    if (size === 0 || size === this.facts.ringSize) return true;
    return size >= least && size <= this.facts.rings.most && (size & (size - 1)) === 0;
  }
}

/** The bits of all bytes of a slot behind its fields, and of its reserved ones. */
function restOf(slot: Uint8Array, body: Struct): number {
  let bits = 0;
  for (let at = PAYLOAD + body.size; at < slot.length; at++) bits |= slot[at]!;
  for (const [name, value] of Object.entries(body.decode(slot, PAYLOAD)))
    if (/^(reserved|padding)/.test(name))
      for (const byte of value instanceof Uint8Array ? value : [Number(value)]) bits |= byte;
  return bits;
}

function numbersOf(body: Struct, slot: Uint8Array): Record<string, number> {
  const fields = Object.entries(body.decode(slot, PAYLOAD)).filter(
    ([, value]) => !(value instanceof Uint8Array),
  );
  return Object.fromEntries(fields.map(([name, value]) => [name, Number(value)]));
}
