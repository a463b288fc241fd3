import { bytesText, hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import { ADMINQ_BYTES, SLOTS } from '../../gvnic/registers/admin.ts';
import * as reg from '../../gvnic/registers/bar0.ts';
import { type GvnicFacts, isLendable, SOURCE } from './facts.ts';

const READ_ONLY: readonly (Register | null)[] = [
  reg.DEVICE_STATUS,
  reg.MAX_TX_QUEUES,
  reg.MAX_RX_QUEUES,
  reg.ADMINQ_EVENT_COUNTER,
];
/** What the registers of a card are to its driver. */
export interface RegisterForm {
  /** They make the device reach memory. */
  readonly reaching: readonly (Register | null)[];
  /** Nothing may be accessed between them. */
  readonly isWhole: boolean;
  /** A write that resets the device: the register that tells of its end; else null. */
  awaited(register: Register | null, value: number): Register | null;
  isOver(register: Register, value: number): boolean;
}

/** With an admin queue. */
const ADMIN_FORM: RegisterForm = {
  reaching: [
    reg.ADMINQ_PFN,
    reg.ADMINQ_DOORBELL,
    reg.ADMINQ_BASE_ADDRESS_HI,
    reg.ADMINQ_BASE_ADDRESS_LO,
  ] as readonly Register[],
  isWhole: true,
  awaited(register, value) {
    if (register === reg.ADMINQ_PFN) return value === 0 ? reg.ADMINQ_PFN : null;
    const drives =
      register === (reg.DRIVER_STATUS as Register) && (value & reg.DRIVER_STATUS.mask.RESET) !== 0;
    return drives ? (reg.DEVICE_STATUS as Register) : null;
  },
  isOver: (register, value) =>
    register === reg.ADMINQ_PFN ? value === 0 : (value & reg.DEVICE_STATUS.mask.DEVICE_IS_RESET) !== 0,
};
const WORD = 4;

/** Rules for the registers of a gVNIC, and for where its admin queue is. */
export const GVNIC_BRING_UP = {
  'gvnic/REG-MASTER': {
    where: SOURCE,
    text: 'A driver MUST have bus mastering on while it gives the device an admin queue, a command, a descriptor or a buffer.',
    advice: 'Set bits 1 and 2 of Command first, and clear bit 2 once the device is reset.',
    on: ['written', 'queueRung'],
    when: (k) => k.rung !== null || (k.form.reaching.includes(k.register) && k.value !== 0),
    kept: (k) => k.isOpen,
    said: (k) => `${k.rung ?? k.register!.name} was written while bus mastering was off`,
  },
  'gvnic/REG-WIDTH': {
    where: SOURCE,
    text: 'A driver MUST access a register whole: 32 bits, but 8 for the version and 16 or 32 for the length of the admin queue.',
    advice: 'Read and write words of 32 bits, big-endian.',
    on: ['written', 'read'],
    kept: (k) =>
      (k.register === null && !k.form.isWhole) ||
      k.width === k.register?.width ||
      (k.register === reg.ADMINQ_LENGTH && k.width === WORD),
    said: (k) => `${k.width} bytes were accessed at ${hex(k.offset, 2)}`,
  },
  'gvnic/REG-READONLY': {
    where: SOURCE,
    text: 'A driver SHOULD NOT write a register that can only be read.',
    advice: 'Read device_status, the numbers of queues and the event counter, and write none of them.',
    on: 'written',
    // A good driver clears device_status, which does nothing.
    kept: (k) => !READ_ONLY.includes(k.register) || (k.register === reg.DEVICE_STATUS && k.value === 0),
    said: (k) => `${k.register!.name} was written: ${hex(k.value, 8)}`,
  },
  'gvnic/AQ-RAM': {
    where: SOURCE,
    text: 'A driver MUST place the admin queue in a whole page of RAM, with the length of a page, before it rings for a command.',
    advice: 'Write the number of the page, or 4096 and the address, big-endian.',
    on: ['placed', 'lengthWritten', 'rungEarly'],
    kept: (k) => k.problem === null,
    said: (k) => k.problem!,
  },
  'gvnic/AQ-RELEASE': {
    where: SOURCE,
    text: 'A driver MUST release the admin queue of an earlier driver before it gives another.',
    advice:
      'Write 0 to adminq_pfn and wait until it reads 0; or reset by driver_status and wait for DEVICE_IS_RESET.',
    on: 'placed',
    kept: (k) => k.before === 0,
    said: (k) =>
      `an admin queue was placed at ${hex(k.address, 8)} while one was in use at ${hex(k.before, 8)}`,
  },
  'gvnic/AQ-WAIT': {
    where: SOURCE,
    text: 'A driver MUST wait until the device is reset before it writes another register.',
    advice:
      'Read adminq_pfn until it is 0; after driver_status, read device_status until DEVICE_IS_RESET is set.',
    on: 'written',
    when: (k) => k.wasReset,
    kept: (k) => k.hasWaited,
    said: (k) =>
      `${k.register?.name ?? hex(k.offset, 2)} was written, and ${k.tells} did not say since that the reset is done`,
  },
  'gvnic/AQ-COUNT': {
    where: SOURCE,
    text: 'A driver MUST advance the doorbell of the admin queue by the number of new commands, at most 63 ahead of the device.',
    advice: 'Count commands from 0 since the queue was given, without end, and have at most 63 outstanding.',
    on: 'rung',
    kept: (k) => k.outstanding > 0 && k.outstanding < SLOTS,
    said: (k) => `the doorbell says ${k.posted} commands, of which ${k.done} are done`,
  },
} as const satisfies Rules<RegisterWatch>;

/** Watches the registers of a gVNIC. */
export class RegisterWatch implements Partial<GvnicEvents> {
  register: Register | null = null;
  offset = 0;
  width = 0;
  value = 0;
  isOpen = true;
  /** The doorbell of a queue; null for a register. */
  rung: string | null = null;
  address = 0;
  before = 0;
  /** What is wrong with the place of the admin queue; null for nothing. */
  problem: string | null = null;
  /** The driver reset the device, and has read since whether it is. */
  wasReset = false;
  hasWaited = true;
  private isPlaced = false;
  /** The driver asks for a reset, whose end this register tells; null for none. */
  private asks: Register | null = null;
  private awaited: Register | null = null;
  posted = 0;
  done = 0;
  outstanding = 0;
  readonly form: RegisterForm;
  private readonly facts: GvnicFacts;
  private readonly on;

  constructor(facts: GvnicFacts, journal: Journal, form: RegisterForm = ADMIN_FORM) {
    this.facts = facts;
    this.form = form;
    this.on = new Watch(journal, GVNIC_BRING_UP).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  /** The register that tells of the end of a reset, by name. */
  get tells(): string {
    return this.awaited?.name ?? 'no register';
  }

  registerWritten(
    register: Register | null,
    offset: number,
    width: number,
    value: number,
    open: boolean,
  ): void {
    this.register = register;
    this.offset = offset;
    this.width = width;
    this.value = value;
    this.isOpen = open;
    this.rung = null;
    this.on.written.tell(this);
    if (register === (reg.ADMINQ_LENGTH as Register)) this.lookAtLength();
    if (register === (reg.ADMINQ_DOORBELL as Register) && !this.isPlaced) {
      this.problem = `the doorbell says ${value} commands, and there is no admin queue`;
      this.on.rungEarly.tell(this);
    }
    this.wasReset = false;
    this.asks = this.isPlaced ? this.form.awaited(register, value) : null;
  }

  registerRead(register: Register | null, offset: number, width: number, value: number): void {
    this.register = register;
    this.offset = offset;
    this.width = width;
    if (register !== null && register === this.awaited && this.form.isOver(register, value))
      this.hasWaited = true;
    this.on.read.tell(this);
  }

  doorbellWritten(_offset: number, _width: number, _known: boolean, open: boolean): void {
    this.isOpen = open;
  }

  transmitRung(): void {
    this.ring('the doorbell of a transmit queue');
  }

  tailRung(): void {
    this.transmitRung();
  }

  receiveRung(): void {
    this.ring('the doorbell of a receive queue');
  }

  buffersRung(): void {
    this.receiveRung();
  }

  /** By the driver, or by the machine: then all is as new. */
  reset(): void {
    this.awaited = this.asks;
    this.wasReset = this.asks !== null;
    this.hasWaited = !this.wasReset;
    this.isPlaced = false;
    this.asks = null;
  }

  adminPlaced(address: number, before: number): void {
    this.isPlaced = true;
    this.address = address;
    this.before = before;
    const isPage = isLendable(this.facts.memory, address, ADMINQ_BYTES) && address % ADMINQ_BYTES === 0;
    this.problem = isPage ? null : `the admin queue is at ${hex(address, 8)}, where there is no page of RAM`;
    this.on.placed.tell(this);
  }

  /** A request of a mailbox is a queue of commands, too. */
  requested(): void {
    this.isPlaced = true;
  }

  /** Of 32 bits the first half counts. */
  private lookAtLength(): void {
    const { width, value } = this;
    const length = width === WORD ? value >>> 16 : value;
    this.problem = length === ADMINQ_BYTES ? null : `the admin queue is ${bytesText(length)} long`;
    this.on.lengthWritten.tell(this);
  }

  private ring(rung: string): void {
    this.rung = rung;
    this.on.queueRung.tell(this);
  }

  adminRung(posted: number, done: number): void {
    this.posted = posted;
    this.done = done;
    this.outstanding = (posted - done) >>> 0;
    this.on.rung.tell(this);
  }
}
