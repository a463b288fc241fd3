import type { Gpa } from '../../core/bits.ts';
import type { Chain } from './virtqueue.ts';

/** What a device sees wrong with a ring or a chain in it. `value` and `slot` of the event say more. */
export type RingFault =
  /** An area, a table or a buffer does not lie in RAM. */
  'outside';

/** Where a ring lies, when the driver hands it over. */
export interface RingPlace {
  readonly packed: boolean;
  readonly size: number;
  readonly desc: Gpa;
  readonly driver: Gpa;
  readonly device: Gpa;
}

/** What a device's queues tell whoever watches them. It is called for every chain: numbers only; `queue` is the index. */
export interface QueueEvents {
  /** The driver gave the queue its memory. */
  placed(queue: number, place: RingPlace): void;
  /** The device took a chain. */
  taken(queue: number, chain: Chain): void;
  /** The device put the last `count` chains back. */
  putBack(queue: number, count: number): void;
  /** The device is done with chain `id`, and wrote that many bytes. */
  used(queue: number, id: number, written: number): void;
  /** The device published `count` chains. */
  published(queue: number, count: number): void;
  /** The queue was reset: what was outstanding is lost. */
  forgotten(queue: number): void;
}
