import type { Nanos, Time } from '../../core/bits.ts';
import type { Timer } from '../../core/clock.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { Moderation } from './features/coalescing.ts';
import type { QueueCounts } from './features/statistics.ts';
import type { Steering } from './features/steering.ts';

/** The card that receives. */
export interface ReceivingCard {
  readonly pairs: number;
  readonly steering: Steering;
  receiveQueue(pair: number): Virtqueue;
  /** The counters of each queue. */
  readonly counts: readonly QueueCounts[];
  readonly moderation: Moderation;
  /** Timer for joinable segments that wait for more; null: only frames that come together are joined. */
  readonly joinWithin: Nanos;
  readonly joinTimer: Timer | null;
  /** Timer for fragments that wait for the rest of their datagram; null if the card reassembles none. */
  readonly fragmentTimer: Timer | null;
  readonly clock: Time;
}
