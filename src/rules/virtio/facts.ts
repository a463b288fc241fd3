import type { BitSet } from '../../core/bit-set.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Rules } from '../../core/rule.ts';
import type { Interface, Oddity } from '../../virtio/events.ts';
import type { FunctionWatch } from '../pci/function.ts';
import type { FeatureKnows } from './init/features.ts';
import type { RingPictures } from './queue/picture/ring-pictures.ts';

/** What stands fixed about a device, and how it is called. */
export interface VirtioFacts {
  /** `net0` */
  readonly name: string;
  readonly virtioId: number;
  /** `net0 (00:04.0)`; asked for when something is reported. */
  readonly subject: () => string;
  /** `transmit queue 1 (queue 1)`, or `queue 9` where there is none. */
  readonly role: (queue: number) => string;
  /** `net0, transmit queue 1 (queue 1)` */
  readonly queueName: (queue: number) => string;
  /** Which interfaces the function shows; the first is in use until the driver chooses. */
  readonly interfaces: readonly Interface[];
  /** What each interface offers. */
  readonly offers: Readonly<Record<Interface, BitSet>>;
  /** Something that it could offer is not offered now. */
  readonly offersLess?: () => boolean;
  /** The most entries of each queue; 0 where there is none. */
  readonly queueSizes: readonly number[];
  /** How many of them num_queues counts, left out all: what comes behind is there with ADMIN_VQ. */
  readonly numQueues?: number;
  /** Whether a queue is set up; left out, all there are. */
  readonly isReady?: (queue: number) => boolean;
  /** Entries of the MSI-X table; 0 without. */
  readonly vectors: number;
  /** Capabilities that a driver should pass over. */
  readonly oddities: readonly Oddity[];
  /** Who watches the PCI function, which must be bus master to be of use. */
  readonly master?: FunctionWatch;
  /** Its rings say, where a driver must not look, that kicks are not needed. */
  readonly kickDecoys?: boolean;
  /** Where rings lie, so that findings can show them. */
  readonly memory?: GuestMemory;
  /** Its rings, for findings that are about what stands in one. */
  readonly pictures?: RingPictures;
  /** Rules between the features of its type. */
  readonly featureRules?: Rules<FeatureKnows, 'agreed'>;
}
