import type { DriverMemory } from '../../src/core/guest-port.ts';
import { FEATURE, VIRTQ_DESC_F } from '../../src/virtio/registers.ts';

export const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
/** As a word of features. */
export const INDIRECT_DESC = 2 ** FEATURE.INDIRECT_DESC;
const PAGE = 4096;

/** A piece of a chain as its descriptor has it: all four fields, right or wrong. */
export interface Descriptor {
  readonly address: number;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

/** A split ring, by hand, with any contents. */
export class Ring {
  readonly at: number;
  readonly size: number;
  private readonly memory: DriverMemory;
  private added = 0;

  constructor(memory: DriverMemory, at: number, size: number) {
    this.memory = memory;
    this.at = at;
    this.size = size;
    memory.fill(at, 0, 4 * PAGE);
  }

  get avail(): number {
    return this.at + 16 * this.size;
  }

  get used(): number {
    return Math.ceil((this.avail + 6 + 2 * this.size) / PAGE) * PAGE;
  }

  describe(slot: number, { address, length, flags, next }: Descriptor, table = this.at): void {
    const at = table + 16 * slot;
    this.memory.store(at, address % 2 ** 32, 4);
    this.memory.store(at + 4, Math.floor(address / 2 ** 32), 4);
    this.memory.store(at + 8, length, 4);
    this.memory.store(at + 12, flags, 2);
    this.memory.store(at + 14, next, 2);
  }

  /** Makes the chain from `head` available. */
  offer(head: number): void {
    this.memory.store(this.avail + 4 + 2 * (this.added % this.size), head, 2);
    this.setIndex(this.added + 1);
  }

  setFlags(flags: number): void {
    this.memory.store(this.avail, flags, 2);
  }

  setIndex(index: number): void {
    this.added = index & 0xffff;
    this.memory.store(this.avail + 2, this.added, 2);
  }

  get usedIndex(): number {
    return this.memory.load(this.used + 2, 2);
  }

  usedId(index: number): number {
    return this.memory.load(this.used + 4 + 8 * (index % this.size), 4);
  }
}

/** A chain of two: a part for the device to read, and one to write. */
export function inTwo(
  request: number,
  bytes: number,
  response: number,
  room: number,
): [Descriptor, Descriptor] {
  return [
    { address: request, length: bytes, flags: NEXT, next: 1 },
    { address: response, length: room, flags: WRITE, next: 0 },
  ];
}

/** A descriptor that leads to a table of `length` bytes. */
export function toTable(address: number, length: number, flags = 0): Descriptor {
  return { address, length, flags: INDIRECT | flags, next: 0 };
}
