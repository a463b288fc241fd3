import { type CompletionHost, Completions } from '../completion/completions.ts';
import { AT_ONCE } from '../completion/policy.ts';
import type { Manners } from '../manners.ts';
import { BigEndianSplitQueue } from './big-endian-split-queue.ts';
import { PackedQueue } from './packed-queue.ts';
import type { RingQueue } from './ring.ts';
import { SplitQueue } from './split-queue.ts';
import { type QueueMonitor, watched } from './watched-queue.ts';

/**
 * The queues of one device, in the ring format that its driver accepted. Completions that do not reach the driver at
 * once stand between them and the device; a monitor stands before them.
 */
export class DeviceQueues {
  /** Always this array: when the format changes, other queues lie in it. */
  readonly list: readonly RingQueue[];
  private readonly host: CompletionHost;
  /** Without RING_PACKED. */
  private readonly Split: typeof SplitQueue;
  private readonly completions: Completions | null;
  private monitor: QueueMonitor | null = null;
  private packed = false;
  private inOrder = false;

  constructor(
    host: CompletionHost,
    sizes: readonly number[],
    { endian, completion }: Pick<Manners, 'endian' | 'completion'>,
  ) {
    this.host = host;
    this.Split = endian === 'le' ? SplitQueue : BigEndianSplitQueue;
    this.completions = completion === null ? null : new Completions(host, completion);
    this.list = sizes.map((size, index) => new this.Split(index, size, host));
    this.make();
  }

  get anyReady(): boolean {
    return this.list.some((queue) => queue.ready);
  }

  /** RING_PACKED and IN_ORDER, as accepted. */
  negotiated(packed: boolean, inOrder: boolean): void {
    if (packed === this.packed && inOrder === this.inOrder) return;
    this.packed = packed;
    this.inOrder = inOrder;
    this.make();
  }

  watch(monitor: QueueMonitor): void {
    this.monitor = monitor;
    this.make();
  }

  /** Lets go the completions that are due. */
  complete(): void {
    this.completions?.run();
  }

  reset(): void {
    this.negotiated(false, false);
    for (const queue of this.list) queue.reset();
  }

  close(): void {
    this.completions?.close();
  }

  /** IN_ORDER needs somebody to keep the order, whatever the device does. */
  private make(): void {
    const { host } = this;
    const Queue = this.packed ? PackedQueue : this.Split;
    const by = this.completions ?? (this.inOrder ? new Completions(host, AT_ONCE) : null);
    const queues = this.list as RingQueue[];
    for (const [i, { maximum }] of queues.entries())
      queues[i] = watched(by?.over(new Queue(i, maximum, by)) ?? new Queue(i, maximum, host), this.monitor);
  }
}
