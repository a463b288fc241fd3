import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import {
  ADMINQ_BYTES,
  adminq_command,
  COMMAND_STATUS,
  OPCODE,
  PAGE,
  SLOTS,
} from '../../gvnic/registers/admin.ts';
import { QUEUE_FORMAT } from '../../gvnic/registers/descriptor.ts';
import type { RegisterWatch } from './bring-up.ts';
import { CardState, NewQueue, resourcesOf, STATISTICS } from './card-state.ts';
import {
  areaOf,
  BODIES,
  badPageIn,
  type Fields,
  type FlowRuleCommand,
  flowRuleIn,
  numbersOf,
  pagesIn,
  pageText,
  pendingIn,
  restOf,
  tableIn,
} from './command-fields.ts';
import { GVNIC_COMMANDS, listOf } from './commands.ts';
import { type GvnicFacts, isLendable } from './facts.ts';
import { type LentArea, overlap } from './lent-areas.ts';
import { GVNIC_MEMORY } from './memory.ts';
import { GVNIC_QUEUES, type QueueKnows } from './queues.ts';
import { GVNIC_REQUESTS, type RequestKnows } from './requests.ts';

const { PASSED } = COMMAND_STATUS;
const { GQI_QPL } = QUEUE_FORMAT;
const NONE = -1;
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
  areas: readonly LentArea[] = [];
  ringsAreRam = true;
  table: readonly number[] | null = [];
  hasKey = true;
  flowRule: FlowRuleCommand | null = null;
  /** What memory was for that its driver gave back. */
  freed: string | null = null;
  /** What else may have memory that is given back: they say for what. */
  readonly holders: ((area: LentArea) => string | null)[] = [];
  /** What the card has; and what it had before a reset that the driver does not know to be over. */
  state: CardState;
  private leaving: CardState | null = null;
  /** Where commands are; those that are done, and posted. */
  private admin = 0;
  private done = 0;
  private posted = 0;
  private readonly registers: RegisterWatch;
  private readonly made: NewQueue;
  private newPages: readonly number[] = [];
  protected readonly on;

  constructor(facts: GvnicFacts, journal: Journal, registers: RegisterWatch) {
    this.facts = facts;
    this.state = this.fresh();
    this.registers = registers;
    this.made = new NewQueue(facts);
    this.on = new Watch<CommandWatch, 'commanded' | 'freed'>(journal, ALL).on;
    facts.stores?.onFreed((address, length) => this.givenBack({ address, length }));
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

  get pages(): ReadonlyMap<number, number> {
    return this.state.pages;
  }

  get pageText(): string {
    return pageText(this.facts.memory, this.newPages, this.pages, this.badPage);
  }

  get isTaken(): boolean {
    return this.state.has(this.queueName);
  }

  get meets(): string | null {
    const { areas, state, opcode } = this;
    // A page of another list is told of otherwise.
    if (opcode === OPCODE.REGISTER_PAGE_LIST) return state.areas.whatIn(areas);
    const own = areas.some((one, i) => areas.some((other, j) => i < j && overlap(one, other)));
    return own ? 'itself' : state.whatIn(areas, opcode === OPCODE.REPORT_STATS ? STATISTICS : '');
  }

  get wrongSize(): string | null {
    return this.made.wrongSize;
  }

  get stale(): number {
    return this.made.stale;
  }

  get blockOf(): string | undefined {
    return this.state.blockOf(this.fields.ntfy_id);
  }

  get userOf(): string | undefined {
    return this.state.userOf(listOf(this));
  }

  isRam(field: string, length: number): boolean {
    return isLendable(this.facts.memory, this.fields[field]!, length);
  }

  reset(): void {
    // A further reset of what is reset has nothing new.
    if (this.registers.hasWaited) this.leaving = null;
    else this.leaving = this.state;
    this.state = this.fresh();
    this.admin = this.done = this.posted = 0;
  }

  adminRung(posted: number, done: number): void {
    this.posted = (posted - done) >>> 0 < SLOTS ? posted : done;
    this.done = done;
  }

  adminPlaced(address: number): void {
    this.state.isDescribed = false;
    this.leaving = null;
    this.admin = address;
    this.done = this.posted = 0;
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
    this.done = (this.done + 1) >>> 0;
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
        state.create(this.queueName, fields, this.areas);
        break;
      case OPCODE.DESTROY_TX_QUEUE:
      case OPCODE.DESTROY_RX_QUEUE:
        state.destroy(this.queueName);
        break;
      case OPCODE.REPORT_STATS:
        state.areas.give(STATISTICS, [
          { address: fields.stats_report_addr!, length: fields.stats_report_len! },
        ]);
        break;
    }
  }

  /** What the card has once it is reset. */
  protected fresh(): CardState {
    return new CardState();
  }

  private get queueName(): string {
    const { opcode, fields } = this;
    const transmits = opcode === OPCODE.CREATE_TX_QUEUE || opcode === OPCODE.DESTROY_TX_QUEUE;
    return `${transmits ? 'transmit' : 'receive'} queue ${fields.queue_id}`;
  }

  /** What fields are about, or lead to. */
  protected readMemory(opcode: number): void {
    const { fields, facts } = this;
    this.flowRule = null;
    const area = areaOf(opcode, fields);
    this.areas = area === null ? [] : [area];
    switch (opcode) {
      case OPCODE.CONFIGURE_DEVICE_RESOURCES:
        this.isOffered = facts.formats.some((one) => QUEUE_FORMAT[one] === (fields.queue_format || GQI_QPL));
        this.areas = resourcesOf(fields);
        break;
      case OPCODE.REGISTER_PAGE_LIST:
        this.readPages();
        break;
      case OPCODE.CREATE_TX_QUEUE:
      case OPCODE.CREATE_RX_QUEUE:
        this.readQueue(opcode);
        break;
      case OPCODE.CONFIGURE_RSS:
        this.hasKey = this.isRam('hash_key_addr', fields.hash_key_size!);
        this.table = fields.hash_lut_size === 0 ? [] : tableIn(facts.memory, fields);
        break;
      case OPCODE.EXTENDED_COMMAND:
        this.flowRule = flowRuleIn(facts.memory, fields);
        break;
    }
  }

  private readQueue(opcode: number): void {
    const { made, facts } = this;
    made.read(opcode, this.fields, this.isDqo);
    this.ringsAreRam = made.areas.every(({ address, length }) => isLendable(facts.memory, address, length));
    if (this.isConfigured) this.areas = made.areas;
  }

  private readPages(): void {
    const pages = pagesIn(this.facts, this.fields, this.pages.size);
    this.newPages = pages ?? [];
    this.areas = this.newPages.map((address) => ({ address, length: PAGE }));
    this.badPage = pages === null ? 0 : badPageIn(this.facts.memory, pages, this.pages);
  }

  private givenBack(area: LentArea): void {
    const { state, leaving, registers } = this;
    this.freed =
      state.whatIn([area]) ?? pendingIn(this.facts.memory, this.admin, this.done, this.posted, area);
    for (const holds of this.holders) this.freed ??= holds(area);
    if (this.freed === null && leaving !== null && !registers.hasWaited) {
      const was = leaving.whatIn([area]);
      if (was !== null) this.freed = `${was}, and no register was read since the reset,`;
    }
    this.on.freed.tell(this);
  }
}
