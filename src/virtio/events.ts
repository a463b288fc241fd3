import type { BitSet } from '../core/bit-set.ts';
import type { QueueEvents } from './queue/events.ts';

/** The two ways to a virtio function: the header behind BAR0, and the structures that capabilities tell of. */
export type Interface = 'legacy' | 'modern';

/** What a virtio device tells whoever watches its driver; null is nobody. Device types add their own. */
export interface VirtioEvents extends QueueEvents {
  /** Power came on, or the platform was reset: no driver has been here. */
  power(): void;
  /** The driver wrote 0 to the status. */
  reset(): void;
  /** The status after a write of it; `dropped` is what the device refused of it. */
  statusChanged(status: number, dropped: number): void;
  /** What is accepted now, and whether it is the legacy interface that is in use; also after a reset, when nothing is. */
  negotiated(accepted: BitSet, legacy: boolean): void;
}
