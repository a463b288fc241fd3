import type { GuestMemory } from '../../core/memory.ts';
import type { QueueFormat } from '../../gvnic/registers/descriptor.ts';

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
  /** Sizes of receive buffers. */
  readonly bufferSizes: readonly number[];
  /** Pages that all lists together may have. */
  readonly pagesMost: number;
}
