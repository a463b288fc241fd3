import type { Virtqueue } from '../queue/virtqueue.ts';
import type { Steering } from './steering.ts';

/** The card that receives. */
export interface ReceivingCard {
  readonly pairs: number;
  readonly steering: Steering;
  receiveQueue(pair: number): Virtqueue;
}
