import { swap16, swap32 } from '../../src/core/bits.ts';
import {
  configRead,
  configWrite,
  GuestInterrupts,
  type GuestPort,
  MsixDriver,
} from '../../src/guest/index.ts';

const [COMMAND, BAR0, BAR2] = [0x04, 0x10, 0x18];
/** Memory space and bus mastering. */
const DECODES = 0x0006;
const [STATUS, RUN, PFN, DOORBELL, EVENTS] = [0, 4, 0x10, 0x14, 0x18];
export const REG = { STATUS, RUN, PFN } as const;
export const OP = {
  ...{ DESCRIBE: 1, CONFIGURE: 2, REGISTER: 3, UNREGISTER: 4, CREATE_TX: 5, CREATE_RX: 6 },
  ...{ DESTROY_TX: 7, DESTROY_RX: 8, DECONFIGURE: 9, STATISTICS: 0x0c, TYPES: 0x0e },
} as const;
export const FORMAT = { GQI_QPL: 2, DQO_RDA: 3 } as const;
export const [ACK, MASK, EVENT] = [2 ** 31, 2 ** 30, 2 ** 29];
export const PAGE = 4096;
export const HALF = PAGE / 2;
export const RAW = 0xffff_ffff;
const PASSED = 1;
const HIGH = 2 ** 32;
export const SECOND = 1_000_000_000;

export type Field = readonly [at: number, width: 1 | 2 | 4 | 8, value: number];

/** A card without a driver: its registers, its admin queue word by word, and what the commands give. */
export class SmallGvnic {
  readonly port: GuestPort;
  /** Entries of each ring. */
  entries = 0;
  private readonly bdf: number;
  private readonly registers: number;
  private readonly doorbells: number;
  private readonly queue: number;
  private posted = 0;
  private counters = 0;
  private counterCount = 0;
  private blocks = 0;
  private isDqo = false;

  constructor({ port, bdf }: { readonly port: GuestPort; readonly bdf: number }) {
    this.port = port;
    this.bdf = bdf;
    configWrite(port, bdf, COMMAND, configRead(port, bdf, COMMAND, 2) | DECODES, 2);
    this.registers = configRead(port, bdf, BAR0, 4) - (configRead(port, bdf, BAR0, 4) & 0xf);
    this.doorbells = configRead(port, bdf, BAR2, 4) - (configRead(port, bdf, BAR2, 4) & 0xf);
    this.queue = port.allocate(PAGE, PAGE);
  }

  read(register: number): number {
    return swap32(this.port.read(this.registers + register, 4)) >>> 0;
  }

  write(register: number, value: number): void {
    this.port.write(this.registers + register, swap32(value) >>> 0, 4);
  }

  /** DQO doorbells are little-endian, others big-endian. */
  ring(index: number, value: number): void {
    this.port.write(this.doorbells + 4 * index, (this.isDqo ? value : swap32(value)) >>> 0, 4);
  }

  /** Big-endian. */
  store([at, width, value]: Field): void {
    const { memory } = this.port;
    if (width === 8) {
      memory.store(at, swap32(Math.floor(value / HIGH)) >>> 0, 4);
      memory.store(at + 4, swap32(value % HIGH) >>> 0, 4);
    } else if (width === 4) memory.store(at, swap32(value) >>> 0, 4);
    else memory.store(at, width === 2 ? swap16(value) : value, width);
  }

  load(at: number, width: 2 | 4): number {
    const value = this.port.memory.load(at, width);
    return width === 2 ? swap16(value) : swap32(value) >>> 0;
  }

  /** Puts a command into its slot. @returns where that is. */
  post(opcode: number, ...fields: readonly Field[]): number {
    const at = this.queue + 64 * (this.posted++ % 64);
    this.port.memory.fill(at, 0, 64);
    this.store([at, 4, opcode]);
    for (const [offset, width, value] of fields) this.store([at + 8 + offset, width, value]);
    return at;
  }

  /** Rings for all that was posted, and waits. */
  execute(): void {
    this.write(DOORBELL, this.posted);
    const done = this.port.wait(() => this.read(EVENTS) === this.posted, SECOND);
    if (!done) throw new Error('a command does not end');
  }

  command(opcode: number, ...fields: readonly Field[]): void {
    const at = this.post(opcode, ...fields);
    this.execute();
    if (this.load(at + 4, 4) !== PASSED) throw new Error(`command ${opcode} fails`);
  }

  begin(): this {
    this.posted = 0;
    this.write(PFN, this.queue / PAGE);
    return this;
  }

  release(): this {
    this.write(PFN, 0);
    if (!this.port.wait(() => this.read(PFN) === 0, SECOND)) throw new Error('it is not reset');
    return this;
  }

  describe(room = PAGE): this {
    const at = this.port.allocate(PAGE, PAGE);
    this.command(OP.DESCRIBE, [0, 8, at], [8, 4, 1], [12, 4, room]);
    this.entries = this.load(at + 12, 2);
    this.counterCount = this.load(at + 18, 2);
    return this;
  }

  configure(format: number): this {
    this.isDqo = format >= FORMAT.DQO_RDA;
    this.counters = this.port.allocate(PAGE, PAGE);
    this.blocks = this.port.allocate(PAGE, PAGE);
    const places: Field[] = [
      [0, 8, this.counters],
      [8, 8, this.blocks],
    ];
    this.command(
      OP.CONFIGURE,
      ...places,
      [16, 4, this.counterCount],
      [20, 4, 2],
      [24, 4, 64],
      [32, 1, format],
    );
    return this;
  }

  /** @returns the first of so many pages, which lie one behind the other. */
  register(id: number, count: number, pageSize: number): number {
    const pages = this.port.allocate(count * PAGE, PAGE);
    const list = this.port.allocate(count * 8, PAGE);
    for (let i = 0; i < count; i++) this.store([list + 8 * i, 8, pages + i * PAGE]);
    this.command(OP.REGISTER, [0, 4, id], [4, 4, count], [8, 8, list], [16, 8, pageSize]);
    this.port.release(list);
    return pages;
  }

  /** The first queue of a kind. */
  destroy(opcode: number): void {
    this.command(opcode, [0, 4, 0]);
  }

  doorbell(resources: number): number {
    return this.load(resources, 4);
  }

  counter(resources: number): number {
    return this.load(this.counters + 4 * this.load(resources + 4, 4), 4);
  }

  block(id: number, value: number): void {
    this.ring(this.load(this.blocks + 64 * id, 4), value);
  }

  /** Entries of the MSI-X table from the first on, each with its handler. */
  onMessages(...handlers: readonly (() => void)[]): void {
    const msix = MsixDriver.of(this.port, this.bdf)!;
    const interrupts = GuestInterrupts.of(this.port);
    msix.start();
    for (const [entry, handler] of handlers.entries()) msix.route(entry, interrupts.message(handler));
  }

  /** Pages for a ring, all zero. */
  pages(bytes: number): number {
    return this.port.allocate(bytes, PAGE);
  }
}
