import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';

/** Memory of one client connection, by where it lies in the guest. */
type Mapped = ReadonlyMap<Gpa, Uint8Array>;

/**
 * The machine's RAM. A client tells of the guest's memory once for each device, and it is the same each time: that of the
 * device that came first is taken, and when it is gone that of the next.
 */
export class SharedRam {
  private readonly memory: GuestMemory;
  private holders: readonly Mapped[] = [];

  /** @param memory loses what RAM it has. */
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
