import { type Gpa, hex } from '../../../core/bits.ts';
import { PVIRTQ_DESC_F, pvirtq_desc } from '../../../virtio/registers.ts';
import type { RingRam } from './ring-ram.ts';

const { AVAIL, USED } = PVIRTQ_DESC_F;
const DESC = pvirtq_desc.size;
const { id: ID, len: LEN, flags: FLAGS } = pvirtq_desc.offset;
/** The flags that tell whether the driver or the device has a descriptor. */
const STATE = AVAIL | USED;

/** A place in a packed ring, and the wrap counter there. */
export class Lap {
  slot = 0;
  wrap = true;

  set({ slot, wrap }: Lap): void {
    this.slot = slot;
    this.wrap = wrap;
  }

  /** On to the next descriptor of a ring of `size`. */
  next(size: number): void {
    if (++this.slot < size) return;
    this.slot = 0;
    this.wrap = !this.wrap;
  }
}

/** The descriptors of a packed ring as they lie in RAM, by their slots; or entries of an indirect table. */
export class PackedSlots {
  private readonly ram: RingRam;
  private readonly desc: Gpa;
  /** Those of which the driver stored the flags since they came back. */
  private readonly flagged: Uint8Array;

  /** @param size descriptors of which it is kept whether the driver stored their flags. */
  constructor(ram: RingRam, desc: Gpa, size = 0) {
    this.ram = ram;
    this.desc = desc;
    this.flagged = new Uint8Array(size);
  }

  flagsStored(slot: number): void {
    this.flagged[slot] = 1;
  }

  cameBack(slot: number): void {
    this.flagged[slot] = 0;
  }

  /** The driver made it available, by the wrong wrap counter. */
  isOfOtherLap({ slot, wrap }: Lap): boolean {
    return this.flagged[slot] === 1 && this.isMarked(slot, !wrap);
  }

  address(slot: number): Gpa {
    return this.ram.u64(this.desc + slot * DESC);
  }

  length(slot: number): number {
    return this.ram.u32(this.desc + slot * DESC + LEN);
  }

  id(slot: number): number {
    return this.ram.u16(this.desc + slot * DESC + ID);
  }

  flags(slot: number): number {
    return this.ram.u16(this.desc + slot * DESC + FLAGS);
  }

  /** @param wrap the driver's wrap counter there. */
  isAvailable({ slot, wrap }: Lap): boolean {
    return this.isMarked(slot, wrap);
  }

  /** The flags say that it is available, if the wrap counter is `wrap` there. */
  isMarked(slot: number, wrap: boolean): boolean {
    return (this.flags(slot) & STATE) === (wrap ? AVAIL : USED);
  }

  /** @param wrap the device's wrap counter there. */
  isUsed({ slot, wrap }: Lap): boolean {
    return (this.flags(slot) & STATE) === (wrap ? STATE : 0);
  }

  text(slot: number): string {
    return `desc[${slot}] = ${hex(this.address(slot), 8)}, ${this.length(slot)} bytes, id ${this.id(slot)}, flags ${hex(this.flags(slot), 4)}`;
  }
}
