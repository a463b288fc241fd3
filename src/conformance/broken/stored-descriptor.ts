import type { Gpa } from '../../core/bits.ts';
import type { DriverMemory } from '../../core/guest-port.ts';
import { VIRTQ_DESC_F, virtq_desc } from '../../virtio/registers.ts';

const { NEXT } = VIRTQ_DESC_F;
const { addr, len, flags, next } = virtq_desc.offset;

/** An entry of the descriptor table of a split ring, as it lies in memory. */
export class StoredDescriptor {
  readonly memory: DriverMemory;
  private readonly table: Gpa;
  private readonly size: number;
  private readonly index: number;

  /** @param size entries of `table`. */
  constructor(memory: DriverMemory, table: Gpa, size: number, index: number) {
    this.memory = memory;
    this.table = table;
    this.size = size;
    this.index = index;
  }

  get address(): Gpa {
    return this.memory.load(this.half(0), 4) + this.memory.load(this.half(1), 4) * 2 ** 32;
  }

  set address(value: Gpa) {
    this.memory.store(this.half(0), value % 2 ** 32, 4);
    this.memory.store(this.half(1), Math.floor(value / 2 ** 32), 4);
  }

  get length(): number {
    return this.memory.load(this.at(len), 4);
  }

  set length(value: number) {
    this.memory.store(this.at(len), value, 4);
  }

  get flags(): number {
    return this.memory.load(this.at(flags), 2);
  }

  set flags(value: number) {
    this.memory.store(this.at(flags), value, 2);
  }

  /** Stores into the buffer that it points at. */
  put(offset: number, value: number, width: 1 | 2): void {
    this.memory.store(this.address + offset, value, width);
  }

  /** Has an entry that no chain uses follow this one: a copy of it, which goes on where this one went on. */
  double(): StoredDescriptor {
    // A driver that lives for a short while takes entries from the front.
    const spare = new StoredDescriptor(this.memory, this.table, this.size, this.size - 1 - this.index);
    spare.address = this.address;
    spare.length = this.length;
    spare.flags = this.flags;
    this.memory.store(spare.at(next), this.memory.load(this.at(next), 2), 2);
    this.flags |= NEXT;
    this.memory.store(this.at(next), spare.index, 2);
    return spare;
  }

  /** Cuts it in two, `bytes` behind its beginning. */
  cut(bytes: number): void {
    const rest = this.double();
    rest.address += bytes;
    rest.length -= bytes;
    this.length = bytes;
  }

  /** Where the lower half of the address stands, or the upper. */
  private half(upper: 0 | 1): Gpa {
    return this.at(addr) + 4 * (this.memory.endian === 'be' ? 1 - upper : upper);
  }

  private at(offset: number): Gpa {
    return this.table + virtq_desc.size * this.index + offset;
  }
}
