import type { QueueEvents } from './events.ts';

/** Counters of one queue since the first count. */
export class QueueCounts {
  /** Chains not returned yet. */
  outstanding = 0;
  /** Chains returned. */
  chains = 0;
  /** Bytes that the device reported as written. */
  bytesWritten = 0;
  /** How often the device published; `chains / batches` is the average batch. */
  batches = 0;
}

/**
 * Counts what passes through the queues of a device.
 *
 * @example
 * const counters = new QueueCounters();
 * machine.nics[0].watch(counters);
 * // the guest sends
 * counters.of(1).chains;         // of the first transmit queue
 */
export class QueueCounters implements QueueEvents {
  private readonly queues: QueueCounts[] = [];

  of(queue: number): QueueCounts {
    this.queues[queue] ??= new QueueCounts();
    return this.queues[queue];
  }

  taken(queue: number): void {
    this.of(queue).outstanding++;
  }

  putBack(queue: number, count: number): void {
    this.of(queue).outstanding -= count;
  }

  used(queue: number, _id: number, written: number): void {
    const counts = this.of(queue);
    counts.outstanding--;
    counts.chains++;
    counts.bytesWritten += written;
  }

  published(queue: number): void {
    this.of(queue).batches++;
  }

  forgotten(queue: number): void {
    this.of(queue).outstanding = 0;
  }

  placed(): void {}

  dry(): void {}

  fault(): void {}
}
