import type { Virtqueue } from '../queue/virtqueue.ts';

/** The card that receives. */
export interface ReceivingCard {
  readonly pairs: number;
  /** The pair whose receive queue is to have it. */
  pairFor(frame: Uint8Array): number;
  receiveQueue(pair: number): Virtqueue;
}
