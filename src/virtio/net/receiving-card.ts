import type { Nanos, Time } from '../../core/bits.ts';
import type { Timer } from '../../core/clock.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { QueueCounts } from './counters.ts';
import type { Moderation } from './moderation.ts';
import type { Steering } from './steering.ts';

/** The card that receives. */
export interface ReceivingCard {
  readonly pairs: number;
  readonly steering: Steering;
  receiveQueue(pair: number): Virtqueue;
  /** What each queue counted. */
  readonly counts: readonly QueueCounts[];
  readonly moderation: Moderation;
  /** For so long segments that may be joined wait for more, by this timer; null: only what comes together is joined. */
  readonly joinWithin: Nanos;
  readonly joinTimer: Timer | null;
  /** When fragments have waited for the rest of their datagram long enough; null of a card that puts none together. */
  readonly fragmentTimer: Timer | null;
  readonly clock: Time;
}
