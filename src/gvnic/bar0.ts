import type { Described, Region } from '../core/access.ts';
import { swap16, swap32, type Width } from '../core/bits.ts';
import type { Register } from '../core/register.ts';
import { registerBlock } from '../core/register-block.ts';
import type { Gvnic } from './device.ts';
import * as reg from './registers/bar0.ts';

const REGISTERS = registerBlock([
  reg.DEVICE_STATUS,
  reg.DRIVER_STATUS,
  reg.MAX_TX_QUEUES,
  reg.MAX_RX_QUEUES,
  reg.ADMINQ_PFN,
  reg.ADMINQ_DOORBELL,
  reg.ADMINQ_EVENT_COUNTER,
  reg.DRIVER_VERSION,
  reg.ADMINQ_BASE_ADDRESS_HI,
  reg.ADMINQ_BASE_ADDRESS_LO,
  reg.ADMINQ_LENGTH,
]);
const HIGH = 0x1_0000_0000;

/** The registers behind BAR0, big-endian. */
export class RegisterWindow implements Region {
  readonly name: string;
  readonly size = reg.REGISTERS_SIZE;
  private readonly card: Gvnic;

  constructor(card: Gvnic) {
    this.name = card.name;
    this.card = card;
  }

  read(offset: number, width: Width): number {
    const register = REGISTERS.at(offset & ~3);
    const number = register === null ? 0 : this.valueOf(register);
    this.card.events?.registerRead(REGISTERS.at(offset), offset, width, number);
    const word = swap32(number) >>> 0;
    const shift = (offset & 3) * 8;
    return width === 4 ? word : (word >>> shift) & (width === 2 ? 0xffff : 0xff);
  }

  write(offset: number, value: number, width: Width): void {
    const { card } = this;
    const register = REGISTERS.at(offset);
    card.events?.registerWritten(register, offset, width, meant(value, width), card.gate.open);
    // Some drivers write the length as 32 bits, of which the first two bytes count: it is a page in any case.
    if (register === null || width !== register.width || register.width < 4) return;
    const word = swap32(value) >>> 0;
    switch (register) {
      case reg.DRIVER_STATUS:
        card.drive(word);
        break;
      case reg.ADMINQ_PFN:
        card.place(word);
        break;
      case reg.ADMINQ_DOORBELL:
        card.admin.ring(word);
        break;
      case reg.ADMINQ_BASE_ADDRESS_HI:
        card.base = word * HIGH + (card.base % HIGH);
        break;
      case reg.ADMINQ_BASE_ADDRESS_LO:
        card.base = card.base - (card.base % HIGH) + word;
        break;
    }
  }

  /** `net0 adminq_pfn ← 00001234`: the number that is meant, not as it lies in the register. */
  describe(access: Described): string {
    const { width, value } = access;
    if (value === null || width === 1) return REGISTERS.describe(access, this.name);
    return REGISTERS.describe({ ...access, value: meant(value, width) }, this.name);
  }

  private valueOf(register: Register): number {
    const { card } = this;
    switch (register) {
      case reg.DEVICE_STATUS:
        return card.status;
      case reg.MAX_TX_QUEUES:
      case reg.MAX_RX_QUEUES:
        return card.settings.pairs;
      case reg.ADMINQ_PFN:
        return card.pfn;
      case reg.ADMINQ_EVENT_COUNTER:
        return card.admin.done;
      default:
        return 0;
    }
  }
}

/** The number that is meant by what lies in a register. */
function meant(value: number, width: number): number {
  return width === 4 ? swap32(value) >>> 0 : width === 2 ? swap16(value) : value;
}
