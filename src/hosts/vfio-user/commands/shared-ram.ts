import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';

/** Memory of one client connection, by its guest addresses. */
type Mapped = ReadonlyMap<Gpa, Uint8Array>;

/**
 * The machine's RAM. A client maps the guest's memory once for each device, the same each time: the first device's is
 * used, and when that device is gone, the next one's.
 */
export class SharedRam {
  private readonly memory: GuestMemory;
  private holders: readonly Mapped[] = [];

  /** @param memory its present RAM is removed. */
  constructor(memory: GuestMemory) {
    this.memory = memory;
    memory.hasCpusBeside = true;
    for (const { base } of memory.ranges) memory.unmap(base);
  }

  /** Once is enough. */
  join(holder: Mapped): void {
    if (!this.holders.includes(holder)) this.holders = [...this.holders, holder];
  }

  leave(holder: Mapped): void {
    const isFirst = this.isFirst(holder);
    this.holders = this.holders.filter((one) => one !== holder);
    if (!isFirst) return;
    for (const at of holder.keys()) this.memory.unmap(at);
    for (const [at, bytes] of this.holders[0] ?? []) this.memory.map(at, bytes);
  }

  mapped(holder: Mapped, at: Gpa, bytes: Uint8Array): void {
    if (this.isFirst(holder)) this.memory.map(at, bytes);
  }

  unmapped(holder: Mapped, at: Gpa): void {
    if (this.isFirst(holder)) this.memory.unmap(at);
  }

  private isFirst(holder: Mapped): boolean {
    return this.holders[0] === holder;
  }
}
