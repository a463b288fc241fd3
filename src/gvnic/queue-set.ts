import type { Card, QueuePlace, ReceiveQueue, TransmitQueue } from './card.ts';

/** The queues that a driver made. */
export class QueueSet {
  readonly transmit: (TransmitQueue | null)[];
  readonly receive: (ReceiveQueue | null)[];
  /** How many receive queues there are. */
  receiving = 0;
  protected readonly card: Card;
  protected readonly pairs: number;

  /** @param pairs the most of each kind. */
  constructor(card: Card, pairs: number) {
    this.card = card;
    this.pairs = pairs;
    this.transmit = new Array<TransmitQueue | null>(pairs).fill(null);
    this.receive = new Array<ReceiveQueue | null>(pairs).fill(null);
  }

  /** Segments of a flow may be joined, in all receive queues. */
  get joins(): boolean {
    return this.receiving > 0 && this.receive.every((queue) => queue === null || queue.joins);
  }

  reset(): void {
    for (let id = 0; id < this.pairs; id++) {
      this.takeTransmit(id);
      this.takeReceive(id);
    }
  }

  /** @returns what it had; null if there is none. */
  protected takeTransmit(id: number): QueuePlace | null {
    const queue = this.transmit[id];
    if (!queue) return null;
    this.transmit[id] = null;
    this.card.budget.forget(id);
    this.card.late?.forget(queue);
    return queue.place;
  }

  protected takeReceive(id: number): QueuePlace | null {
    const queue = this.receive[id];
    if (!queue) return null;
    this.receive[id] = null;
    this.receiving--;
    return queue.place;
  }
}
