import type { Segment } from './indirect-tables.ts';
import type { UsedChain } from './used-chain.ts';

/**
 * With IN_ORDER a device may report a run of chains by its last one alone; it has read and completely written those
 * before (virtio 1.4, In-order use of descriptors).
 */
export class InOrder {
  /** Chains that the device has, oldest first, with their writable bytes. */
  private readonly lent: { readonly id: number; readonly room: number }[] = [];
  private told: UsedChain | null = null;

  lend(id: number, writable: readonly Segment[]): void {
    this.lent.push({ id, room: writable.reduce((sum, { length }) => sum + length, 0) });
  }

  /** The ring reported this chain: it is used, and so are all older ones. Returns the oldest. */
  tell(used: UsedChain): UsedChain {
    this.told = used;
    return this.next()!;
  }

  /** The next of the reported chains, or null. */
  next(): UsedChain | null {
    const { told } = this;
    if (told === null) return null;
    const { id, room } = this.lent.shift()!;
    if (id !== told.id) return { id, length: room };
    this.told = null;
    return told;
  }
}
