import type { Budget } from '../../core/budget.ts';
import type { Staging } from '../../core/staging.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { BalloonEvents } from './events.ts';
import { BALLOON_STAT, type BalloonStat, virtio_balloon_stat } from './registers.ts';

/** Cost of an entry in the budget. */
const ENTRY = 32;
const NAMES = new Map<number, BalloonStat>(
  (Object.keys(BALLOON_STAT) as BalloonStat[]).map((name) => [BALLOON_STAT[name], name]),
);

/**
 * The statistics queue, which the device drives: it holds the driver's one buffer, returns it to request statistics,
 * and gets a buffer with new values.
 */
export class Statistics {
  /** The driver's last statistics; null before the first. */
  values: ReadonlyMap<BalloonStat, bigint> | null = null;
  events: BalloonEvents | null = null;
  private readonly layout: typeof virtio_balloon_stat;
  private readonly scratch: Staging;
  private readonly budget: Budget;
  private held: number | null = null;
  private wanted = false;
  /** A buffer came since the reset. */
  private begun = false;

  /** @param scratch room for the part of a buffer that is read. */
  constructor(scratch: Staging, endian: Endian, budget: Budget) {
    this.scratch = scratch;
    this.budget = budget;
    this.layout = virtio_balloon_stat.in(endian);
  }

  reset(): void {
    this.values = null;
    this.held = null;
    this.wanted = false;
    this.begun = false;
  }

  /** Requests statistics, to be sent as soon as the driver can. */
  want(): void {
    this.wanted = true;
  }

  /** @param legacy the content of the driver's first buffer is ignored. */
  serve(queue: Virtqueue, legacy: boolean): void {
    const { budget } = this;
    while (budget.left > 0 && queue.pop()) {
      budget.spendOn(queue.chain.count, 0);
      this.hold(queue);
      if (queue.chain.readableBytes > 0 && (this.begun || !legacy)) this.read(queue);
      this.begun = true;
    }
    if (this.wanted) this.giveBack(queue);
    queue.flush();
  }

  private hold(queue: Virtqueue): void {
    const { id, readableBytes, writableBytes } = queue.chain;
    this.events?.statisticsSent(id, readableBytes, writableBytes, !this.begun, this.held !== null);
    this.giveBack(queue);
    this.held = id;
  }

  private giveBack(queue: Virtqueue): void {
    if (this.held !== null) queue.push(this.held, 0);
    this.held = null;
  }

  private read(queue: Virtqueue): void {
    const { size } = virtio_balloon_stat;
    const end = queue.chain.gather(this.scratch);
    const values = new Map<BalloonStat, bigint>();
    this.budget.spend(Math.floor(end / size) * ENTRY);
    for (let at = 0; at + size <= end; at += size) {
      const { tag, val } = this.layout.decode(this.scratch.bytes, at);
      const name = NAMES.get(tag);
      if (name !== undefined) values.set(name, val);
    }
    this.values = values;
    this.wanted = false;
    this.events?.statisticsRead(values);
  }
}
