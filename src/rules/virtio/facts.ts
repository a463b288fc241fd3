import type { BitSet } from '../../core/bit-set.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Rules } from '../../core/rule.ts';
import type { Interface, Oddity } from '../../virtio/events.ts';
import type { FunctionWatch } from '../pci/function.ts';
import type { FeatureKnows } from './init/features.ts';
import type { RingPictures } from './queue/picture/ring-pictures.ts';
import type { DeviceStores } from './stores/device-stores.ts';

/** What is fixed about a device, and its names. */
export interface VirtioFacts {
  /** `net0` */
  readonly name: string;
  readonly virtioId: number;
  /** `net0 (00:04.0)`; called when something is reported. */
  readonly subject: () => string;
  /** `transmit queue 1 (queue 1)`, or `queue 9` for one that does not exist. */
  readonly role: (queue: number) => string;
  /** `net0, transmit queue 1 (queue 1)` */
  readonly queueName: (queue: number) => string;
  /** Which interfaces the function shows; the first is in use until the driver chooses. */
  readonly interfaces: readonly Interface[];
  /** What each interface offers. */
  readonly offers: Readonly<Record<Interface, BitSet>>;
  /** Whether the device now offers less than it could. */
  readonly offersLess?: () => boolean;
  /** The most entries of each queue; 0 where there is none. */
  readonly queueSizes: readonly number[];
  /** How many of them num_queues counts; all if absent. Those behind exist with ADMIN_VQ. */
  readonly numQueues?: number;
  /** Whether a queue is set up; if absent, all are. */
  readonly isReady?: (queue: number) => boolean;
  /** Entries of the MSI-X table; 0 without. */
  readonly vectors: number;
  /** What keeps an interrupt of a queue from the processor, in words; null for nothing. */
  readonly heldBack?: (queue: number) => string | null;
  /** What keeps its INTx from the processor on the way there, in words; null for nothing. */
  readonly lineHeldBack?: () => string | null;
  /** The guest takes interrupts now. */
  readonly takesInterrupts?: () => boolean;
  /** Capabilities that a driver should pass over. */
  readonly oddities: readonly Oddity[];
  /** The watch of the PCI function, which must be bus master for kicks and messages. */
  readonly master?: FunctionWatch;
  /** In the fields that a driver must ignore, its rings say that no kicks are needed. */
  readonly kickDecoys?: boolean;
  /** Where rings lie, so that findings can show them. */
  readonly memory?: GuestMemory;
  /** Pictures of its rings, for findings. */
  readonly pictures?: RingPictures;
  /** What the driver stores to its rings; absent where stores are not seen. */
  readonly stores?: DeviceStores;
  /** Rules between the features of its type. */
  readonly featureRules?: Rules<FeatureKnows, 'agreed'>;
}
