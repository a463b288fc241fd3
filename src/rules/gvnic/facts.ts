import type { GuestMemory } from '../../core/memory.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';
import type { StoreWatch } from '../virtio/stores/store-watch.ts';

/** The drivers by whose agreement a rule is known: there is no specification. */
export const SOURCE = 'gVNIC, as its public drivers use it';

/** What the watch of a gVNIC's driver knows of the card. */
export interface GvnicFacts {
  readonly subject: string;
  readonly memory: GuestMemory;
  readonly pairs: number;
  readonly ringSize: number;
  readonly mtu: number;
  readonly formats: readonly QueueFormat[];
  /** The sizes that a ring may have, of either kind. */
  readonly rings: { readonly leastTx: number; readonly leastRx: number; readonly most: number };
  /** Sizes of receive buffers that it tells of, in bytes, for DQO rings. */
  readonly bufferSizes: readonly number[];
  /** Bytes of a buffer for headers; 0 if the device splits none off. */
  readonly headersMost: number;
  /** Bytes of the key of the hash. */
  readonly keyBytes: number;
  /** Pages that all lists together may have. */
  readonly pagesMost: number;
  /** It may complete what it sends later than at the doorbell. */
  readonly isLate: boolean;
  /** What keeps the interrupt of a block from the processor, in words; null for nothing, and where the driver takes none. */
  heldBack(block: number): string | null;
  /** The watch of the guest's accesses to RAM; null for none. */
  readonly stores: Pick<StoreWatch, 'onFreed' | 'watch' | 'leave' | 'parts' | 'allocations'> | null;
}

/** Whether bytes are RAM that a driver may lend. Address 0 is that of a field that was never filled in. */
export function isLendable(memory: GuestMemory, address: number, length: number): boolean {
  return length === 0 || (address !== 0 && memory.find(address, length) !== null);
}
