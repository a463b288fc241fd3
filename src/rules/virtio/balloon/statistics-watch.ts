import type { Mark } from '../../../core/access.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import { BALLOON_QUEUE, type BalloonStat } from '../../../virtio/balloon/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { BALLOON_STATISTICS, type StatisticsKnows, type StatisticsMoment } from './statistics.ts';

/** Watches what a driver puts into the statistics queue. */
export class StatisticsWatch implements StatisticsKnows {
  id = 0;
  readable = 0;
  first = true;
  waiting = false;
  tags = '';
  tagsBefore: string | null = null;
  buffered: Mark = 0;
  private newest: Mark = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly onStatistics;
  private readonly onTold;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    const watch = new Watch<StatisticsKnows, StatisticsMoment>(journal, BALLOON_STATISTICS);
    this.onStatistics = watch.at('statistics');
    this.onTold = watch.at('told');
  }

  get subject(): string {
    return this.facts.queueName(BALLOON_QUEUE.stats);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(BALLOON_QUEUE.stats, this.id) ?? null;
  }

  sent(id: number, readable: number, first: boolean, waiting: boolean): void {
    this.id = id;
    this.readable = readable;
    this.first = first;
    this.waiting = waiting;
    this.buffered = this.newest;
    this.newest = this.journal.mark;
    if (first) this.tagsBefore = null;
    this.onStatistics.tell(this);
  }

  read(values: ReadonlyMap<BalloonStat, bigint>): void {
    this.tags = [...values.keys()].sort().join(' ');
    this.onTold.tell(this);
    if (!this.first && this.tags !== '') this.tagsBefore = this.tags;
  }
}
