import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import { LEGACY_QUEUE_ALIGN, VIRTQ_DESC_F, virtq_desc } from '../../virtio/registers.ts';
import { behind, behindMemory } from './behind.ts';

const { addr, len, flags, next } = virtq_desc.offset;
const { NEXT } = VIRTQ_DESC_F;
const FOUR_GIB = 0x1_0000_0000;

/** A descriptor that a driver just stored in a split ring, and has not made available yet. */
export class StoredDescriptor {
  /** Queues count in the order in which the driver made them. */
  readonly queue: number;
  /** 0 is the first of its chain. */
  readonly position: number;
  private readonly memory: DriverMemory;
  private readonly table: number;
  private readonly at: number;

  /** @param index which one of `table`. */
  constructor(memory: DriverMemory, table: number, index: number, queue: number, position: number) {
    this.memory = memory;
    this.table = table;
    this.at = table + index * virtq_desc.size;
    this.queue = queue;
    this.position = position;
  }

  get address(): number {
    const { memory, at } = this;
    return memory.load(at + addr, 4) + memory.load(at + addr + 4, 4) * FOUR_GIB;
  }

  set address(value: number) {
    this.memory.store(this.at + addr, value % FOUR_GIB, 4);
    this.memory.store(this.at + addr + 4, Math.floor(value / FOUR_GIB), 4);
  }

  get length(): number {
    return this.memory.load(this.at + len, 4);
  }

  set length(value: number) {
    this.memory.store(this.at + len, value, 4);
  }

  get flags(): number {
    return this.memory.load(this.at + flags, 2);
  }

  set flags(value: number) {
    this.memory.store(this.at + flags, value, 2);
  }

  get next(): number {
    return this.memory.load(this.at + next, 2);
  }

  set next(value: number) {
    this.memory.store(this.at + next, value, 2);
  }

  /** Puts a descriptor that the driver does not use yet behind this one: it takes the last `length` bytes. */
  split(length: number, spare: number): void {
    const second = new StoredDescriptor(this.memory, this.table, spare, this.queue, this.position + 1);
    this.length -= length;
    second.address = this.address + this.length;
    second.length = length;
    second.flags = this.flags;
    second.next = this.next;
    this.next = spare;
    this.flags |= NEXT;
  }

  /** Stores into the buffer that it points at. */
  put(offset: number, value: number, width: 1 | 2): void {
    this.memory.store(this.address + offset, value, width);
  }
}

/** Each descriptor that a driver stores in a split ring goes through `change`, its buffer already filled. */
export function rewriteDescriptors(
  port: GuestPort,
  change: (descriptor: StoredDescriptor) => void,
): GuestPort {
  const { memory } = port;
  const rings: { readonly at: number; readonly end: number; position: number }[] = [];
  let flagsStored = -1;
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      if (align === LEGACY_QUEUE_ALIGN) rings.push({ at, end: at + bytes, position: 0 });
      return at;
    },
    memory: behindMemory(memory, (address, value, width) => {
      memory.store(address, value, width);
      const at = address - next;
      const whole = width === 2 && at % virtq_desc.size === 0 && flagsStored === at + flags;
      flagsStored = width === 2 ? address : -1;
      const queue = whole ? rings.findIndex((ring) => at >= ring.at && at < ring.end) : -1;
      if (queue < 0) return;
      const ring = rings[queue]!;
      const index = (at - ring.at) / virtq_desc.size;
      const descriptor = new StoredDescriptor(memory, ring.at, index, queue, ring.position);
      ring.position = descriptor.flags & NEXT ? ring.position + 1 : 0;
      change(descriptor);
    }),
  });
}
