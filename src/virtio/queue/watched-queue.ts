import type { Gpa } from '../../core/bits.ts';
import type { RingQueue } from './ring.ts';
import type { Chain } from './virtqueue.ts';

/** What watches a device's queues. It is called for every chain, so it gets numbers only; `queue` is the index. */
export interface QueueMonitor {
  /** The device took a chain. */
  taken(queue: number, id: number, readableBytes: number, writableBytes: number): void;
  /** The device put the last `count` chains back. */
  putBack(queue: number, count: number): void;
  /** The device is done with chain `id`, and wrote that many bytes. */
  completed(queue: number, id: number, written: number): void;
  /** The device publishes `count` chains, those completed since the last time. */
  published(queue: number, count: number): void;
  /** What was outstanding is lost. */
  reset(queue: number): void;
}

/** A queue that a monitor is told of: a queue of its own, so that one that nobody watches pays nothing. */
export class WatchedQueue implements RingQueue {
  readonly index: number;
  readonly maximum: number;
  readonly chain: Chain;
  private readonly queue: RingQueue;
  private readonly monitor: QueueMonitor;
  private unpublished = 0;

  constructor(queue: RingQueue, monitor: QueueMonitor) {
    this.queue = queue;
    this.index = queue.index;
    this.maximum = queue.maximum;
    this.chain = queue.chain;
    this.monitor = monitor;
  }

  get size(): number {
    return this.queue.size;
  }

  get ready(): boolean {
    return this.queue.ready;
  }

  get address(): Gpa {
    return this.queue.address;
  }

  resize(size: number): void {
    this.queue.resize(size);
  }

  configure(desc: Gpa, driver: Gpa, device: Gpa): void {
    this.forget();
    this.queue.configure(desc, driver, device);
  }

  reset(): void {
    this.forget();
    this.queue.reset();
  }

  checkNotified(nextOff: number): boolean {
    return this.queue.checkNotified(nextOff);
  }

  pop(): boolean {
    if (!this.queue.pop()) return false;
    const { id, readableBytes, writableBytes } = this.chain;
    this.monitor.taken(this.index, id, readableBytes, writableBytes);
    return true;
  }

  push(id: number, written: number): void {
    this.queue.push(id, written);
    this.unpublished++;
    this.monitor.completed(this.index, id, written);
  }

  pushTogether(ids: readonly number[], written: readonly number[], count: number): void {
    this.queue.pushTogether(ids, written, count);
    this.unpublished += count;
    for (let i = 0; i < count; i++) this.monitor.completed(this.index, ids[i]!, written[i]!);
  }

  rewind(count: number): void {
    this.queue.rewind(count);
    this.monitor.putBack(this.index, count);
  }

  flush(): void {
    if (this.unpublished > 0) this.monitor.published(this.index, this.unpublished);
    this.unpublished = 0;
    this.queue.flush();
  }

  private forget(): void {
    this.unpublished = 0;
    this.monitor.reset(this.index);
  }
}

export function watched(queue: RingQueue, monitor: QueueMonitor | null): RingQueue {
  return monitor === null ? queue : new WatchedQueue(queue, monitor);
}
