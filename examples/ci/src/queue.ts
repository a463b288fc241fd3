// SPDX-License-Identifier: MIT-0
import type { GuestPort } from 'guestrig';

// virtio 1.4, 4.1.4.8 and 2.7.5: the legacy registers of a queue, and the flags of a descriptor.
const [QUEUE_ADDRESS, QUEUE_SIZE, QUEUE_SELECT, QUEUE_NOTIFY] = [8, 12, 14, 16];
const [NEXT, WRITE] = [1, 2];
const [NO_INTERRUPT, NO_NOTIFY] = [1, 1];
const PAGE = 4096;

/** A frame that the device has returned. */
export interface Done {
  readonly slot: number;
  /** Bytes that the device wrote, with the header. */
  readonly length: number;
}

/**
 * A polled split virtqueue (virtio 1.4, 2.7) of slots. Each has a header and a frame, in a descriptor of its own, as a
 * legacy device requires.
 */
export class Queue {
  /** Slots there are at most. */
  readonly slots: number;
  private readonly port: GuestPort;
  private readonly base: number;
  private readonly index: number;
  private readonly size: number;
  private readonly desc: number;
  private readonly avail: number;
  private readonly used: number;
  private added = 0;
  private taken = 0;
  /** Slots that the device has. */
  private readonly lent = new Set<number>();

  /** @param base where the function's registers are. */
  constructor(port: GuestPort, base: number, index: number) {
    port.out(base + QUEUE_SELECT, index, 2);
    this.port = port;
    this.base = base;
    this.index = index;
    this.size = port.in(base + QUEUE_SIZE, 2);
    this.slots = this.size >> 1;
    if (this.slots === 0) throw new Error(`queue ${index} has no room`);
    const used = Math.ceil((18 * this.size + 6) / PAGE) * PAGE;
    this.desc = port.allocate(used + 8 * this.size + 6, PAGE);
    this.avail = this.desc + 16 * this.size;
    this.used = this.desc + used;
    port.memory.store(this.avail, NO_INTERRUPT, 2);
    port.out(base + QUEUE_ADDRESS, this.desc / PAGE, 4);
  }

  /** Lends a slot's memory to the device: to be written, or else to be read. */
  offer(slot: number, at: number, header: number, frame: number, isWritten: boolean): void {
    const access = isWritten ? WRITE : 0;
    this.describe(2 * slot, at, header, access | NEXT);
    this.describe(2 * slot + 1, at + header, frame, access);
    this.lent.add(slot);
    const { memory } = this.port;
    memory.store(this.avail + 4 + 2 * (this.added % this.size), 2 * slot, 2);
    this.added = (this.added + 1) % 2 ** 16;
    memory.fence();
    memory.store(this.avail + 2, this.added, 2);
    memory.fence();
    if (memory.load(this.used, 2) !== NO_NOTIFY) this.port.out(this.base + QUEUE_NOTIFY, this.index, 2);
  }

  /** The next slot that the device returned, or null. */
  take(): Done | null {
    const { memory } = this.port;
    if (memory.load(this.used + 2, 2) === this.taken) return null;
    memory.fence();
    const entry = this.used + 4 + 8 * (this.taken % this.size);
    this.taken = (this.taken + 1) % 2 ** 16;
    const [head, length] = [memory.load(entry, 4), memory.load(entry + 4, 4)];
    const slot = head >>> 1;
    // What a device says is not to be relied on.
    if (head % 2 !== 0 || !this.lent.delete(slot))
      throw new Error(`the device returned ${head}, which it had not`);
    return { slot, length };
  }

  private describe(index: number, address: number, length: number, flags: number): void {
    const { memory } = this.port;
    const at = this.desc + 16 * index;
    memory.store(at, address % 2 ** 32, 4);
    memory.store(at + 4, Math.floor(address / 2 ** 32), 4);
    memory.store(at + 8, length, 4);
    memory.store(at + 12, flags, 2);
    memory.store(at + 14, index + 1, 2);
  }
}
