import type { VirtioFacts } from '../facts.ts';
import type { NetShown } from './command.ts';

/** What is fixed about a network card, besides the facts of every virtio device. */
export interface NetFacts extends VirtioFacts {
  /** The address that its configuration has now. */
  readonly mac: () => Uint8Array;
  /** The configuration before a driver attaches. */
  readonly shown: NetShown;
  /** The guest is big-endian, and so are headers by the legacy interface. */
  readonly big: boolean;
  /** Bytes of the longest packet that the network behind it carries; null if unknown. */
  readonly carried: number | null;
}

/** Two queues a pair, and the one for control. */
export function pairsOf({ numQueues, queueSizes }: VirtioFacts): number {
  return (numQueues ?? queueSizes.length) >> 1;
}
