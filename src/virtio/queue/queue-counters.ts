import type { QueueEvents } from './events.ts';

/** What passed through one queue since it was counted first. */
export class QueueCounts {
  /** Chains that the driver has not got back. */
  outstanding = 0;
  /** Chains that came back. */
  chains = 0;
  /** Bytes that the device says it wrote into them. */
  bytesWritten = 0;
  /** How often the device published; `chains / batches` is how many come together. */
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
