import { type Gpa, hex } from '../../../../core/bits.ts';
import type { GuestMemory } from '../../../../core/memory.ts';
import type { DescriptorPicture } from '../../../../core/ring-picture.ts';
import type { RingFault, RingPlace } from '../../../../virtio/queue/events.ts';
import { VIRTQ_DESC_F, virtq_desc } from '../../../../virtio/registers.ts';
import { RingRam } from '../../stores/ring-ram.ts';

const { addr: ADDR, len: LEN } = virtq_desc.offset;
const { WRITE, INDIRECT } = VIRTQ_DESC_F;

/** The ring of a picture, and what the picture is around. */
export interface RingFocus {
  readonly place: RingPlace;
  /** Chains that the device has taken. */
  readonly taken: number;
  /** Head of the chain in question, or id of the buffer; null for the one that the device took last or takes next. */
  readonly chain: number | null;
  /** A descriptor of a packed ring to begin with, where it is known. */
  readonly slot: number | null;
  /** The field in question. */
  readonly about: string | null;
}

/** What descriptors of both formats have, except flags. */
type Common = Pick<DescriptorPicture, 'addr' | 'len'>;

/** A ring in RAM, for taking a picture of it. */
export class RingView extends RingRam {
  readonly place: RingPlace;

  constructor(memory: GuestMemory, place: RingPlace) {
    super(memory, place.endian === 'le');
    this.place = place;
  }

  common(at: Gpa): Common {
    return { addr: this.address(at + ADDR), len: this.u32(at + LEN) };
  }

  /** What is impossible about the buffer or the table that a descriptor points to; null if nothing is. */
  odd(at: Gpa, flags: number, readableMayFollow: boolean): string | null {
    const length = this.u32(at + LEN);
    const address = this.u64(at + ADDR);
    const isTable = (flags & INDIRECT) !== 0;
    if (length === 0) return 'of length 0';
    if (!this.isRam(address, length)) return 'outside RAM';
    if (isTable && length % virtq_desc.size !== 0) return 'of no whole number of entries';
    return isTable || (flags & WRITE) !== 0 || readableMayFollow ? null : 'readable behind a writable one';
  }

  /** All 64 bits, as eight digits or more. */
  private address(at: Gpa): string {
    const [first, second] = [this.u32(at), this.u32(at + 4)];
    const [low, high] = this.place.endian === 'le' ? [first, second] : [second, first];
    return high === 0 ? hex(low, 8) : hex(high, 0) + hex(low, 8);
  }
}

/** The names of the bits that are set in `flags`, as they are declared. */
export function flagNames(flags: number, names: Readonly<Record<string, number>>): string {
  return Object.keys(names)
    .filter((name) => (flags & names[name]!) !== 0)
    .join(' ');
}

/** Faults of a packed ring whose slot is in the ring, not in a table. */
const IN_RING: readonly RingFault[] = ['list unfinished', 'list too long', 'table in list', 'id in flight'];

/** The field that a fault is about, where that is certain. A picture itself marks what is odd about a descriptor. */
const FIELDS: Partial<Record<RingFault, (slot: number) => string>> = {
  'used flags': () => 'used.flags',
  'index ahead': () => 'avail.idx',
  'index swapped': () => 'avail.idx',
  'head beyond': (slot) => `avail.ring[${slot}]`,
  'head in flight': (slot) => `avail.ring[${slot}]`,
  'next astray': (slot) => `desc[${slot}].next`,
  'flags unknown': (slot) => `desc[${slot}].flags`,
  'list unfinished': (slot) => `desc[${slot}].flags`,
  'id in flight': (slot) => `desc[${slot}].id`,
};

export function isInRing(fault: RingFault): boolean {
  return IN_RING.includes(fault);
}

export function fieldOf(fault: RingFault, slot: number): string | null {
  return FIELDS[fault]?.(slot) ?? null;
}
