import { compose } from '../../core/compose.ts';
import { type CompletionHost, Completions } from '../completion/completions.ts';
import { AT_ONCE } from '../completion/policy.ts';
import type { Manners } from '../manners.ts';
import { BigEndianSplitQueue } from './big-endian-split-queue.ts';
import { QUEUE_EVENTS, type QueueEvents } from './events.ts';
import { PackedQueue } from './packed-queue.ts';
import type { InOrderRing, RingQueue } from './ring.ts';
import { SplitQueue } from './split-queue.ts';

/**
 * The queues of one device, in the ring format that its driver accepted. A layer for delayed completions may be between
 * the rings and the device; the rings themselves report to watchers.
 */
export class DeviceQueues {
  /** The same array permanently: when the format changes, its elements are replaced. */
  readonly list: readonly RingQueue[];
  private readonly host: CompletionHost;
  /** The queue class without RING_PACKED. */
  private readonly Split: typeof SplitQueue;
  private readonly completions: Completions | null;
  /** The completion layer between the device and its rings. */
  private by: Completions | null = null;
  /** The rings behind `list`. */
  private readonly rings: InOrderRing[];
  private watchers: readonly QueueEvents[] = [];
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
    this.rings = sizes.map((size, index) => new this.Split(index, size, host));
    this.list = [...this.rings];
    this.make();
  }

  /** Whether no finished chain waits to be reported. */
  get isIdle(): boolean {
    return this.rings.every(({ isPublished }) => isPublished) && (this.by?.isIdle ?? true);
  }

  /** RING_PACKED and IN_ORDER, as accepted. */
  negotiated(packed: boolean, inOrder: boolean): void {
    if (packed === this.packed && inOrder === this.inOrder) return;
    this.packed = packed;
    this.inOrder = inOrder;
    this.make();
  }

  /** @param watchers the judge's, of each queue; none if there is no judge. @param monitor is told of all queues. */
  watch(watchers: readonly QueueEvents[], monitor: QueueEvents | null): void {
    this.watchers =
      monitor === null
        ? watchers
        : this.rings.map((_, i) =>
            compose<QueueEvents>(QUEUE_EVENTS, [...watchers.slice(i, i + 1), monitor]),
          );
    for (const [i, ring] of this.rings.entries()) ring.events = this.watchers[i] ?? null;
  }

  /** Publishes the completions that are due. */
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

  /** IN_ORDER needs a completion layer to keep the order, whatever the device does. */
  private make(): void {
    const { host } = this;
    const Queue = this.packed ? PackedQueue : this.Split;
    const by = this.completions ?? (this.inOrder ? new Completions(host, AT_ONCE) : null);
    this.by = by;
    const list = this.list as RingQueue[];
    for (const [i, { maximum }] of list.entries()) {
      const ring = new Queue(i, maximum, by ?? host);
      ring.events = this.watchers[i] ?? null;
      this.rings[i] = ring;
      list[i] = by?.over(ring) ?? ring;
      ring.events?.forgotten(i);
    }
  }
}
