import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import {
  ADMINQ_BYTES,
  adminq_command,
  COMMAND_STATUS,
  configure_flow_rule,
  flow_rule,
  OPCODE,
  PAGE,
} from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import { CardState, NewQueue } from './card-state.ts';
import { BODIES, type Fields, numbersOf, restOf } from './command-fields.ts';
import { GVNIC_COMMANDS } from './commands.ts';
import type { GvnicFacts } from './facts.ts';
import type { LentArea } from './lent-areas.ts';
import { GVNIC_MEMORY } from './memory.ts';
import { GVNIC_QUEUES, type QueueKnows } from './queues.ts';
import { type FlowRuleCommand, GVNIC_REQUESTS, type RequestKnows } from './requests.ts';

const { PASSED } = COMMAND_STATUS;
const ADDRESS_BYTES = 8;
const WORD = 4;
const HIGH = 0x1_0000_0000;
const NONE = -1;
const COMPLETIONS = 4;
const ALL = {
  ...GVNIC_COMMANDS,
  ...GVNIC_QUEUES,
  ...GVNIC_REQUESTS,
  ...GVNIC_MEMORY,
} as const satisfies Rules<CommandWatch>;

/** Watches the commands of the admin queue. What the device has of them follows from those that passed. */
export class CommandWatch implements QueueKnows, RequestKnows, Partial<GvnicEvents> {
  readonly facts: GvnicFacts;
  opcode = 0;
  status = 0;
  fields: Fields = {};
  isKnown = false;
  rest = 0;
  isOffered = false;
  badPage = NONE;
  isRingSize = true;
  ringsAreRam = true;
  isTable = true;
  flowRule: FlowRuleCommand | null = null;
  /** What memory was for that its driver gave back. */
  freed: string | null = null;
  private readonly state = new CardState();
  private readonly made: NewQueue;
  private newPages: readonly number[] = [];
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal) {
    this.facts = facts;
    this.made = new NewQueue(facts.memory, facts.ringSize);
    this.on = new Watch<CommandWatch, 'commanded' | 'freed'>(journal, ALL).on;
    facts.freed?.onFreed((address, length) => {
      this.freed = this.state.areas.whatIn([{ address, length }]);
      this.on.freed.tell(this);
    });
  }

  get subject(): string {
    return this.facts.subject;
  }

  get isConfigured(): boolean {
    return this.state.isConfigured;
  }

  get isDescribed(): boolean {
    return this.state.isDescribed;
  }

  get hasQueues(): boolean {
    return this.state.hasQueues;
  }

  get knowsTypes(): boolean {
    return this.state.knowsTypes;
  }

  get blocks(): number {
    return this.state.blocks;
  }

  get format(): number {
    return this.state.format;
  }

  get isDqo(): boolean {
    return this.state.isDqo;
  }

  get lists(): ReadonlyMap<number, readonly number[]> {
    return this.state.lists;
  }

  get pages(): ReadonlySet<number> {
    return this.state.pages;
  }

  get isTaken(): boolean {
    return this.state.has(this.queueName);
  }

  get areas(): readonly LentArea[] {
    return this.made.areas;
  }

  get meets(): string | null {
    return this.made.meets(this.state.areas);
  }

  get stale(): number {
    return this.made.stale;
  }

  get blockOf(): string | undefined {
    return this.state.blockOf(this.fields.ntfy_id!);
  }

  get userOf(): string | undefined {
    return this.state.userOf(this.fields.page_list_id!);
  }

  isRam(field: string, length: number): boolean {
    return this.facts.memory.find(this.fields[field]!, length) !== null;
  }

  reset(): void {
    this.state.reset();
  }

  adminPlaced(address: number): void {
    this.state.isDescribed = false;
    this.state.areas.give('the admin queue', [{ address, length: ADMINQ_BYTES }]);
  }

  commanded(slot: Uint8Array): void {
    const { opcode, status } = adminq_command.decode(slot);
    const body = BODIES.get(opcode);
    this.opcode = opcode;
    this.status = status;
    this.isKnown = body !== undefined;
    this.rest = body === undefined ? 0 : restOf(slot, body);
    this.fields = body === undefined ? {} : numbersOf(body, slot);
    this.readMemory(opcode);
    this.on.commanded.tell(this);
  }

  answered(opcode: number, status: number): void {
    if (status !== PASSED) return;
    const { state, fields } = this;
    switch (opcode) {
      case OPCODE.DESCRIBE_DEVICE:
        state.isDescribed = true;
        break;
      case OPCODE.CONFIGURE_DEVICE_RESOURCES:
        state.configure(fields);
        break;
      case OPCODE.DECONFIGURE_DEVICE_RESOURCES:
        state.deconfigure();
        break;
      case OPCODE.GET_PTYPE_MAP:
        state.knowsTypes = true;
        break;
      case OPCODE.REGISTER_PAGE_LIST:
        state.register(fields.page_list_id!, this.newPages);
        break;
      case OPCODE.UNREGISTER_PAGE_LIST:
        state.unregister(fields.page_list_id!);
        break;
      case OPCODE.CREATE_TX_QUEUE:
      case OPCODE.CREATE_RX_QUEUE:
        state.create(this.queueName, fields, this.made.areas);
        break;
      case OPCODE.DESTROY_TX_QUEUE:
      case OPCODE.DESTROY_RX_QUEUE:
        state.destroy(this.queueName);
        break;
      case OPCODE.REPORT_STATS:
        state.areas.give('the block of statistics', [
          { address: fields.stats_report_addr!, length: fields.stats_report_len! },
        ]);
        break;
    }
  }

  private get queueName(): string {
    const { opcode, fields } = this;
    const transmits = opcode === OPCODE.CREATE_TX_QUEUE || opcode === OPCODE.DESTROY_TX_QUEUE;
    return `${transmits ? 'transmit' : 'receive'} queue ${fields.queue_id}`;
  }

  /** What fields are about, or lead to. */
  private readMemory(opcode: number): void {
    const { fields, isDqo } = this;
    this.flowRule = null;
    switch (opcode) {
      case OPCODE.CONFIGURE_DEVICE_RESOURCES:
        this.isOffered = this.offers(fields.queue_format!);
        break;
      case OPCODE.REGISTER_PAGE_LIST:
        this.readPages();
        break;
      case OPCODE.CREATE_TX_QUEUE:
      case OPCODE.CREATE_RX_QUEUE:
        this.made.read(opcode, fields, isDqo);
        this.ringsAreRam = this.made.areas.every(
          ({ address, length }) => this.facts.memory.find(address, length) !== null,
        );
        this.isRingSize = this.areSizes(opcode);
        break;
      case OPCODE.CONFIGURE_RSS:
        this.isTable = this.readTable();
        break;
      case OPCODE.EXTENDED_COMMAND:
        this.flowRule = this.readFlowRule();
        break;
    }
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

  private areSizes(opcode: number): boolean {
    const { isDqo, fields } = this;
    const { leastTx, leastRx, most } = this.facts.rings;
    // A ring of completions may be longer than that of what is completed: one driver makes it four times as long.
    const completionsMost = COMPLETIONS * most;
    return opcode === OPCODE.CREATE_TX_QUEUE
      ? this.fits(fields.tx_ring_size!, leastTx, most) &&
          (!isDqo || this.fits(fields.tx_comp_ring_size!, leastTx, completionsMost))
      : this.fits(fields.rx_ring_size!, leastRx, isDqo ? completionsMost : most) &&
          (!isDqo || this.fits(fields.rx_buff_ring_size!, leastRx, most));
  }

  /** 0 is the descriptor's size, as drivers from before the field have it. */
  private fits(size: number, least: number, most: number): boolean {
    if (size === 0 || size === this.facts.ringSize) return true;
    return size >= least && size <= most && (size & (size - 1)) === 0;
  }

  private readFlowRule(): FlowRuleCommand | null {
    const { inner_command_addr = 0, inner_length = 0 } = this.fields;
    const bytes = this.facts.memory.slice(inner_command_addr, configure_flow_rule.size);
    if (bytes === null || inner_length < configure_flow_rule.size) return null;
    const { opcode, location, rule } = configure_flow_rule.decode(bytes);
    const { flow_type, action, mask } = flow_rule.decode(rule);
    return { opcode, location, type: flow_type, action, mask };
  }

  private readTable(): boolean {
    const { hash_lut_size = 0, hash_lut_addr = 0 } = this.fields;
    const table = this.facts.memory.slice(hash_lut_addr, hash_lut_size * WORD);
    if (table === null) return hash_lut_size === 0;
    const view = new DataView(table.buffer, table.byteOffset, table.length);
    for (let at = 0; at < table.length; at += WORD) if (view.getUint32(at) >= this.facts.pairs) return false;
    return true;
  }
}
