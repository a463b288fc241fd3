import { swap32 } from '../core/bits.ts';
import { GuestMemory } from '../core/memory.ts';
import type { Struct } from '../core/struct.ts';
import { PciRig } from '../pci/rig.ts';
import { GvnicFunction } from './function.ts';
import { adminq_command, SLOT_BYTES, SLOTS } from './registers/admin.ts';
import * as reg from './registers/bar0.ts';
import type { GvnicSettings } from './settings.ts';

const REGISTERS = 0xfeb0_0000;
/** Where BAR2 is. */
export const DOORBELLS = 0xfea0_0000;
const BYTES = 1 << 21;
/** Where the rig's commands are; what they name lies behind. */
export const QUEUE = 0x1000;
export const ANSWER = 0x2000;

type Fields = Readonly<Record<string, number | bigint>>;

export const RIG_SETTINGS: GvnicSettings = {
  mac: Uint8Array.of(0x42, 1, 0x0a, 0x80, 0, 2),
  pairs: 2,
  ringSize: 256,
  formats: ['GQI_QPL', 'DQO_RDA'],
  offer: [],
  mtu: 1460,
  manners: null,
  commandLatency: null,
  resetTime: 0,
  indexShift: 0,
  pace: null,
  descriptorLimit: true,
  mailbox: false,
  revision: 0,
};

/** For tests: a card at 00:04.0 and the hands of a driver, who writes registers, commands and doorbells. */
export class CardRig extends PciRig {
  readonly fn: GvnicFunction;
  private posted = 0;

  constructor(more: Partial<GvnicSettings> = {}, memory: GuestMemory = GuestMemory.of(BYTES)) {
    super(memory);
    this.fn = new GvnicFunction('net0', this.board, { ...RIG_SETTINGS, ...more });
    this.bus.add(this.fn, 4);
    this.set(4, 0x10, REGISTERS, 4);
    this.set(4, 0x18, DOORBELLS, 4);
    this.set(4, 0x04, 0x0006, 2);
  }

  get view(): DataView {
    return this.board.memory.ranges[0]!.view;
  }

  readRegister({ offset }: { readonly offset: number }): number {
    return swap32(this.mmio.read(REGISTERS + offset, 4)) >>> 0;
  }

  writeRegister({ offset }: { readonly offset: number }, value: number): void {
    this.mmio.write(REGISTERS + offset, swap32(value) >>> 0, 4);
  }

  /** As the bytes lie, little-endian, of this width. */
  writeBytes({ offset }: { readonly offset: number }, value: number, width: 1 | 2): void {
    this.mmio.write(REGISTERS + offset, value, width);
  }

  /** The queue of commands, by its page number. */
  begin(): this {
    this.posted = 0;
    this.writeRegister(reg.ADMINQ_PFN, QUEUE >> 12);
    return this;
  }

  /** @returns the status of the command. */
  run(opcode: number, body: Struct, fields: Fields = {}): number {
    const at = QUEUE + (this.posted++ % SLOTS) * SLOT_BYTES;
    const slot = new Uint8Array(SLOT_BYTES);
    adminq_command.encode({ opcode }, slot);
    body.encode(fields as never, slot, adminq_command.offset.payload);
    this.board.memory.write(at, slot);
    this.writeRegister(reg.ADMINQ_DOORBELL, this.posted);
    return this.view.getUint32(at + adminq_command.offset.status);
  }

  /** Rings a GQI doorbell. */
  ring(index: number, value: number): void {
    this.mmio.write(DOORBELLS + 4 * index, swap32(value) >>> 0, 4);
  }
}
