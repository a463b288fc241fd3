import { GuestMemory } from '../../core/memory.ts';
import { PciRig } from '../../pci/rig.ts';
import { RIG_SETTINGS } from '../card-rig.ts';
import { GvnicFunction } from '../function.ts';
import * as reg from '../registers/mailbox.ts';
import type { GvnicSettings } from '../settings.ts';

const { mailbox_desc: desc } = reg;
const { RD, BUF } = reg.MAILBOX_FLAGS.mask;
const { ENABLE } = reg.TX_LENGTH.mask;
/** Where BAR0 is. */
export const BASE = 0xe000_0000;
/** Bytes of RAM, between guards. */
export const RAM = 1 << 20;
const [GUARD, FILL] = [1 << 16, 0xa5];
/** Where the rings of the mailbox are, the buffers of answers, and rings of queues. */
export const [REQUESTS, ANSWERS, BUFFERS, RINGS] = [0x1000, 0x2000, 0x4000, 0x2_0000] as const;
const BODY = 0x3000;
export const SLOTS = 8;
export const PAGE = 4096;

/** The hands of a driver of a card with a mailbox. */
export class MailboxRig extends PciRig {
  readonly fn: GvnicFunction;
  private readonly guards: readonly Uint8Array[];
  private tail = 0;

  constructor(more: Partial<GvnicSettings> = {}) {
    const whole = new Uint8Array(RAM + 2 * GUARD).fill(FILL);
    const ram = whole.subarray(GUARD, GUARD + RAM).fill(0);
    super(GuestMemory.of(RAM, ram as never));
    this.guards = [whole.subarray(0, GUARD), whole.subarray(GUARD + RAM)];
    const settings = { ...RIG_SETTINGS, mailbox: true, formats: ['DQO_RDA'] as const, ...more };
    this.fn = new GvnicFunction('net0', this.board, settings);
    this.bus.add(this.fn, 4);
    this.set(4, 0x10, BASE, 4);
    this.set(4, 0x04, 0x0006, 2);
  }

  /** Rings of eight slots. `posted` of the buffers are given, of so many bytes. */
  begin(posted = SLOTS, room = PAGE): this {
    this.write(reg.TX_BASE_LOW, REQUESTS);
    this.write(reg.TX_LENGTH, (ENABLE | SLOTS) >>> 0);
    for (let slot = 0; slot < posted; slot++) this.give(slot, BUFFERS + slot * PAGE, room);
    this.write(reg.RX_BASE_LOW, ANSWERS);
    this.write(reg.RX_LENGTH, (ENABLE | SLOTS) >>> 0);
    this.write(reg.RX_TAIL, SLOTS - 1);
    return this;
  }

  give(slot: number, addr_low: number, length = PAGE): void {
    this.board.memory.write(ANSWERS + slot * desc.size, desc.encode({ flags: BUF, length, addr_low }));
  }

  post(opcode: number, body: Uint8Array = new Uint8Array(8), cookie = 0x8040): void {
    const fields = {
      flags: BUF | RD,
      destination: reg.MAILBOX_DESTINATION,
      length: body.length,
      opcode,
      cookie,
    };
    this.board.memory.write(BODY, body);
    this.board.memory.write(REQUESTS + this.tail * desc.size, desc.encode({ ...fields, addr_low: BODY }));
    this.tail = (this.tail + 1) % SLOTS;
    this.write(reg.TX_TAIL, this.tail);
  }

  /** The device reached past RAM. */
  get isPast(): boolean {
    return this.guards.some((bytes) => bytes.some((byte) => byte !== FILL));
  }

  slot(ring: number, index: number) {
    return desc.decode(this.board.memory.slice(ring + index * desc.size, desc.size)!);
  }

  body(index: number, length: number): Uint8Array {
    return this.board.memory.slice(BUFFERS + index * PAGE, length)!.slice();
  }

  at(offset: number, value: number): void {
    this.mmio.write(BASE + offset, value >>> 0, 4);
  }

  write({ offset }: { readonly offset: number }, value: number): void {
    this.at(reg.MAILBOX_AT + offset, value);
  }

  read({ offset }: { readonly offset: number }): number {
    return this.mmio.read(BASE + reg.MAILBOX_AT + offset, 4);
  }

  /** Statuses of what was sent, each with a body. */
  statuses(
    ...requests: readonly (readonly [opcode: number, body?: Uint8Array | undefined])[]
  ): readonly number[] {
    return requests.map(([opcode, body], index) => {
      this.post(opcode, body);
      return this.slot(ANSWERS, index).status;
    });
  }
}

export const halves = (...numbers: readonly number[]) => new Uint8Array(Uint16Array.from(numbers).buffer);
export const queue = (struct: typeof reg.mailbox_tx_queue | typeof reg.mailbox_rx_queue, fields: object) => {
  const body = new Uint8Array(reg.QUEUES_AT + struct.size);
  body[0] = 1;
  struct.encode(fields as never, body, reg.QUEUES_AT);
  return body;
};
const RING = BigInt(RINGS);
export const TX = { ring: RING, completion_ring: RING, ring_size: 256, completion_ring_size: 256 };
export const RX = {
  ...{ completion_ring: RING, buffer_ring: RING, completion_ring_size: 256, buffer_ring_size: 256 },
  packet_buffer_size: 2048,
};
