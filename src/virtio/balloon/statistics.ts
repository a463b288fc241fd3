import type { Journal } from '../../core/journal.ts';
import type { Staging } from '../../core/staging.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { BALLOON_STAT, type BalloonStat, virtio_balloon_stat } from './registers.ts';

const NAMES = new Map<number, BalloonStat>(
  (Object.keys(BALLOON_STAT) as BalloonStat[]).map((name) => [BALLOON_STAT[name], name]),
);

/**
 * The statistics queue, which the device drives: it holds the driver's one buffer, gives it back when it wants to
 * know, and gets another with new values.
 */
export class Statistics {
  /** What the driver told last; null before it told anything. */
  values: ReadonlyMap<BalloonStat, bigint> | null = null;
  private readonly journal: Journal;
  private readonly layout: typeof virtio_balloon_stat;
  private readonly scratch: Staging;
  private held: number | null = null;
  private wanted = false;
  /** A buffer came since the reset. */
  private begun = false;
  private tags: string | null = null;

  /** @param scratch as many bytes as are looked at of a buffer. */
  constructor(journal: Journal, scratch: Staging, endian: Endian) {
    this.journal = journal;
    this.scratch = scratch;
    this.layout = virtio_balloon_stat.in(endian);
  }

  reset(): void {
    this.values = null;
    this.held = null;
    this.wanted = false;
    this.begun = false;
    this.tags = null;
  }

  /** Statistics are wanted as soon as the driver can give them. */
  want(): void {
    this.wanted = true;
  }

  /** @param legacy the driver's first buffer may hold anything, and counts for nothing. */
  serve(queue: Virtqueue, subject: string, legacy: boolean): void {
    while (queue.pop()) {
      this.hold(queue, subject);
      if (queue.chain.readableBytes > 0 && (this.begun || !legacy)) this.read(queue, subject);
      this.begun = true;
    }
    if (this.wanted) this.giveBack(queue);
    queue.flush();
  }

  private hold(queue: Virtqueue, subject: string): void {
    const { id, readableBytes, writableBytes } = queue.chain;
    const room = 'bytes for the device to write in a buffer:';
    this.journal.check('virtio/BALLOON-IMP-1', writableBytes === 0, subject, room, writableBytes);
    const whole = readableBytes % virtio_balloon_stat.size === 0;
    this.journal.check('virtio/BALLOON-STAT-D5', whole, subject, 'bytes of statistics:', readableBytes);
    const alone = this.held === null;
    this.journal.check('virtio/BALLOON-STAT-D1', alone, subject, 'a second buffer, while one waits: id', id);
    this.giveBack(queue);
    this.held = id;
  }

  private giveBack(queue: Virtqueue): void {
    if (this.held !== null) queue.push(this.held, 0);
    this.held = null;
  }

  private read(queue: Virtqueue, subject: string): void {
    const { size } = virtio_balloon_stat;
    const end = queue.chain.gather(this.scratch);
    const values = new Map<BalloonStat, bigint>();
    for (let at = 0; at + size <= end; at += size) {
      const { tag, val } = this.layout.decode(this.scratch.bytes, at);
      const name = NAMES.get(tag);
      if (name !== undefined) values.set(name, val);
    }
    this.values = values;
    this.wanted = false;
    // What a driver puts in at its start may be empty or filled with tags of nothing, as Windows fills it.
    if (this.begun && values.size > 0) this.compare([...values.keys()].sort().join(' '), subject);
  }

  private compare(tags: string, subject: string): void {
    const before = this.tags ?? tags;
    this.journal.met('virtio/BALLOON-STAT-D6');
    if (tags !== before)
      this.journal.report('virtio/BALLOON-STAT-D6', subject, `${tags} came, and before them ${before}`);
    this.tags = tags;
  }
}
