import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import type { Register } from '../../../core/register.ts';
import * as reg from '../../../gvnic/registers/mailbox.ts';
import { DriverError, SECOND } from '../../driver-error.ts';
import type { LentMemory } from './memory.ts';

const { mailbox_desc: desc, MAILBOX_BUFFER: BUFFER, MAILBOX_OPCODE: OPCODE } = reg;
const { DD, RD, BUF } = reg.MAILBOX_FLAGS.mask;
const { ENABLE } = reg.TX_LENGTH.mask;
const SLOTS = 64;
/** Of a cookie: in use; and what counts up. */
const [IN_USE, COUNTS] = [0x8000, 0x3f];
const COUNT_SHIFT = 6;
const HIGH = 0x1_0000_0000;
const LIMIT = 2 * SECOND;

/** An answer. */
interface Answer {
  readonly opcode: number;
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** The registers behind BAR0 of 1ae0:0043, and its mailbox: one request at a time. `changed` hears of events. */
export class MailboxDriver {
  private readonly lent: LentMemory;
  private readonly port: GuestPort;
  private readonly name: string;
  private readonly base: Gpa;
  /** The ring of requests, and the one at hand. */
  private readonly requests: Gpa;
  private readonly request: Gpa;
  private readonly answers: Gpa;
  private readonly buffers: readonly Gpa[];
  private tail = 0;
  private next = 0;
  private count = 0;
  /** By their cookies. */
  private readonly arrived = new Map<number, Answer>();
  private readonly changed: () => void;

  /** The device is reset, and gets rings and buffers, the request ring first. */
  constructor(lent: LentMemory, name: string, base: Gpa, changed: () => void) {
    const { port } = lent;
    this.lent = lent;
    this.port = port;
    this.name = name;
    this.base = base;
    this.changed = changed;
    this.reset();
    this.requests = this.clear(SLOTS * desc.size);
    this.answers = this.clear(SLOTS * desc.size);
    this.request = this.clear(BUFFER);
    this.buffers = Array.from({ length: SLOTS }, () => this.clear(BUFFER));
    this.write(reg.TX_BASE_LOW, this.requests % HIGH);
    this.write(reg.TX_BASE_HIGH, Math.floor(this.requests / HIGH));
    this.write(reg.TX_HEAD, 0);
    this.write(reg.TX_TAIL, 0);
    this.write(reg.TX_LENGTH, (ENABLE | SLOTS) >>> 0);
    for (let slot = 0; slot < SLOTS; slot++) this.give(slot);
    this.write(reg.RX_HEAD, 0);
    this.write(reg.RX_TAIL, SLOTS - 1);
    this.write(reg.RX_BASE_LOW, this.answers % HIGH);
    this.write(reg.RX_BASE_HIGH, Math.floor(this.answers / HIGH));
    this.write(reg.RX_LENGTH, (ENABLE | SLOTS) >>> 0);
  }

  /** The device was reset by its host. */
  get isLost(): boolean {
    return this.read(reg.RX_LENGTH) === 0;
  }

  reset(): void {
    const status = reg.MAILBOX_RESET_AT + reg.RESET_STATUS.offset;
    this.writeAt(reg.MAILBOX_RESET_AT + reg.RESET_CONTROL.offset, reg.RESET_CONTROL.mask.RESET);
    const isDone = () => (this.readAt(status) & reg.RESET_STATUS.mask.DONE) !== 0;
    if (!this.port.wait(isDone, LIMIT)) this.fail('the device is not reset');
  }

  readAt(offset: number): number {
    return this.port.read(this.base + offset, 4) >>> 0;
  }

  writeAt(offset: number, value: number): void {
    this.port.write(this.base + offset, value, 4);
  }

  /** Sends a request that must pass. @returns the answer, of `least` bytes or more. */
  must(opcode: number, body: Uint8Array = new Uint8Array(8), least = 0): Uint8Array {
    const { memory } = this.port;
    memory.write(this.request, body);
    const cookie = IN_USE | ((this.count++ << COUNT_SHIFT) & ~IN_USE & ~COUNTS);
    const slot = this.requests + this.tail * desc.size;
    memory.write(
      slot,
      desc.encode({
        ...{ flags: BUF | RD, destination: reg.MAILBOX_DESTINATION, length: body.length, opcode, cookie },
        ...{ addr_high: Math.floor(this.request / HIGH), addr_low: this.request % HIGH },
      }),
    );
    this.tail = (this.tail + 1) % SLOTS;
    memory.fence();
    this.write(reg.TX_TAIL, this.tail);
    const isThere = () => {
      this.poll();
      return this.arrived.has(cookie);
    };
    if (!this.port.wait(isThere, LIMIT)) this.fail(`request ${opcode.toString(16)} is not answered`);
    memory.write(slot, new Uint8Array(desc.size));
    const answer = this.arrived.get(cookie)!;
    this.arrived.delete(cookie);
    if (answer.opcode !== opcode || answer.status !== reg.MAILBOX_STATUS.PASSED)
      this.fail(`request ${opcode.toString(16)} ends with status ${answer.status.toString(16)}`);
    if (answer.bytes.length < least)
      this.fail(`request ${opcode.toString(16)} is answered with ${answer.bytes.length} bytes`);
    return answer.bytes;
  }

  /** Takes answers and events, and gives their buffers back. */
  poll(): void {
    const { memory } = this.port;
    for (;;) {
      const slot = new Uint8Array(desc.size);
      memory.read(this.answers + this.next * desc.size, slot);
      const { flags, opcode, cookie, status, length } = desc.decode(slot);
      if ((flags & DD) === 0) return;
      if (opcode === OPCODE.EVENT) this.changed();
      else {
        const bytes = new Uint8Array(Math.min(length, BUFFER));
        memory.read(this.buffers[this.next]!, bytes);
        this.arrived.set(cookie, { opcode, status, bytes });
      }
      this.give(this.next);
      this.write(reg.RX_TAIL, this.next);
      this.next = (this.next + 1) % SLOTS;
    }
  }

  fail(what: string): never {
    throw new DriverError(this.port, this.name, what);
  }

  /** A slot with its buffer, as it was before it was used. */
  private give(slot: number): void {
    const at = this.buffers[slot]!;
    const address = { addr_high: Math.floor(at / HIGH), addr_low: at % HIGH };
    const bytes = desc.encode({ flags: BUF, length: BUFFER, ...address });
    this.port.memory.write(this.answers + slot * desc.size, bytes);
  }

  private read({ offset }: Register): number {
    return this.readAt(reg.MAILBOX_AT + offset);
  }

  private write({ offset }: Register, value: number): void {
    this.writeAt(reg.MAILBOX_AT + offset, value);
  }

  private clear(bytes: number): Gpa {
    const at = this.lent.allocate(bytes, BUFFER);
    this.port.memory.write(at, new Uint8Array(bytes));
    return at;
  }
}
