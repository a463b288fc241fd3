import { type Gpa, swap32 } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import type { Register } from '../../../core/register.ts';
import type { Struct } from '../../../core/struct.ts';
import {
  ADMINQ_BYTES,
  adminq_command,
  COMMAND_STATUS,
  OPCODE,
  SLOT_BYTES,
  SLOTS,
} from '../../../gvnic/registers/admin.ts';
import * as reg from '../../../gvnic/registers/bar0.ts';
import { loadBig } from '../../byte-order.ts';
import { DriverError, SECOND } from '../../driver-error.ts';

const { RUN, RESET } = reg.DRIVER_STATUS.mask;
const { DEVICE_IS_RESET } = reg.DEVICE_STATUS.mask;
const PAGE = 4096;
const HIGH = 0x1_0000_0000;
/** The longest that a command takes, and a reset. */
const LIMIT = 2 * SECOND;

/** Fields of a command, by the names of its structure. */
type Fields = Readonly<Record<string, number | bigint | Uint8Array>>;

/** The big-endian registers behind BAR0, and the queue of commands. */
export class AdminDriver {
  private readonly port: GuestPort;
  private readonly name: string;
  private readonly base: Gpa;
  /** Linux and others choose the registers of the queue's address by the revision. */
  private readonly hasBase: boolean;
  private queue: Gpa = 0;
  private posted = 0;

  constructor(port: GuestPort, name: string, base: Gpa, revision: number) {
    this.port = port;
    this.name = name;
    this.base = base;
    this.hasBase = revision >= 1;
  }

  read({ offset }: Register): number {
    return swap32(this.port.read(this.base + offset, 4)) >>> 0;
  }

  write({ offset }: Register, value: number): void {
    this.port.write(this.base + offset, swap32(value) >>> 0, 4);
  }

  /** Writes the driver's version, a byte at a time. */
  tellVersion(text: string): void {
    for (const character of `${text}\n`)
      this.port.write(this.base + reg.DRIVER_VERSION.offset, character.charCodeAt(0), 1);
  }

  /** Gives the device a queue, after another driver's is gone. */
  start(): void {
    if (this.read(reg.ADMINQ_PFN) !== 0) this.reset();
    this.queue = this.port.allocate(ADMINQ_BYTES, PAGE);
    this.posted = 0;
    if (!this.hasBase) {
      this.write(reg.ADMINQ_PFN, this.queue / PAGE);
      return;
    }
    this.port.write(
      this.base + reg.ADMINQ_LENGTH.offset,
      ((ADMINQ_BYTES & 0xff) << 8) | (ADMINQ_BYTES >> 8),
      2,
    );
    this.write(reg.ADMINQ_BASE_ADDRESS_HI, Math.floor(this.queue / HIGH));
    this.write(reg.ADMINQ_BASE_ADDRESS_LO, this.queue % HIGH);
    this.write(reg.DRIVER_STATUS, RUN);
  }

  /** Resets the device, waits for that, and frees the queue. */
  stop(): void {
    this.reset();
    this.port.release(this.queue);
  }

  /** Carries out a command. @returns its status. */
  run<Body extends Struct>(opcode: number, body: Body, fields: Fields): number {
    const slot = this.queue + (this.posted % SLOTS) * SLOT_BYTES;
    const bytes = new Uint8Array(SLOT_BYTES);
    adminq_command.encode({ opcode }, bytes);
    body.encode(fields as never, bytes, adminq_command.offset.payload);
    this.port.memory.write(slot, bytes);
    this.port.memory.fence();
    this.posted = (this.posted + 1) >>> 0;
    this.write(reg.ADMINQ_DOORBELL, this.posted);
    const done = () => this.read(reg.ADMINQ_EVENT_COUNTER) === this.posted;
    if (!this.port.wait(done, LIMIT)) this.fail(`command ${opcode.toString(16)} is not done`);
    return loadBig(this.port, slot + adminq_command.offset.status, 4);
  }

  /** The same, of a command that must pass. */
  must<Body extends Struct>(opcode: number, body: Body, fields: Fields): void {
    const status = this.run(opcode, body, fields);
    if (status !== COMMAND_STATUS.PASSED)
      this.fail(`${nameOf(opcode)} ends with status ${status.toString(16)}`);
  }

  fail(what: string): never {
    throw new DriverError(this.port, this.name, what);
  }

  private reset(): void {
    if (this.hasBase) this.write(reg.DRIVER_STATUS, RESET);
    else this.write(reg.ADMINQ_PFN, 0);
    const isReset = () =>
      this.hasBase ? (this.read(reg.DEVICE_STATUS) & DEVICE_IS_RESET) !== 0 : this.read(reg.ADMINQ_PFN) === 0;
    if (!this.port.wait(isReset, LIMIT)) this.fail('the device is not reset');
  }
}

function nameOf(opcode: number): string {
  return Object.entries(OPCODE).find(([, code]) => code === opcode)?.[0] ?? opcode.toString(16);
}
