import type { VirtioFacts } from '../facts.ts';
import type { NetShown } from './command.ts';

/** What stands fixed about a network card, besides what does about every virtio device. */
export interface NetFacts extends VirtioFacts {
  /** The address that its configuration has now. */
  readonly mac: () => Uint8Array;
  /** What the configuration says before a driver comes. */
  readonly shown: NetShown;
  /** The guest is big-endian, and so is a header by the legacy interface. */
  readonly big: boolean;
  /** Bytes of the longest packet that the network behind it carries; null where nobody knows. */
  readonly carried: number | null;
}
