import type { Mark } from '../../../core/access.ts';
import { bytesText, type Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { BalloonEvents } from '../../../virtio/balloon/events.ts';
import { BALLOON_QUEUE, type BalloonStat, virtio_balloon_stat } from '../../../virtio/balloon/registers.ts';
import type { VirtioFacts } from '../facts.ts';

/** A driver may be busy with something else, or not be called, for so long. */
const PATIENCE: Nanos = 2_000_000_000;
const MILLISECOND = 1_000_000;
const STATISTICS = 'virtio 1.4, Traditional Memory Balloon Device, Memory Statistics';

/** Rules of the statistics queue, which the device drives. */
export const BALLOON_STATISTICS = {
  'virtio/BALLOON-STAT-D1': {
    where: STATISTICS,
    text: 'A driver MUST have at most one buffer in the statsq at any time.',
    advice: 'Make the buffer available again only after the device used it, with fresh statistics in it.',
    on: 'statistics',
    when: (k) => !k.first,
    kept: (k) => !k.waiting,
    said: (k) => `a second buffer came, by id ${k.id}, while the device had one`,
    since: (k) => k.buffered,
  },
  'virtio/BALLOON-STAT-D2': {
    where: STATISTICS,
    text: 'A driver MUST put a buffer into the statsq once it has initialised the device.',
    advice:
      'Make one buffer available in queue 2 after DRIVER_OK, and kick it, since the device keeps it until it asks.',
    on: 'ended',
    kept: (k) => k.isStocked,
    said: () => 'STATS_VQ was accepted, but no buffer was ever made available',
  },
  'virtio/BALLOON-STAT-D3': {
    where: STATISTICS,
    text: 'A driver MUST put a buffer into the statsq again when the device has used the one before.',
    advice:
      'Fill the buffer anew when the device has used it, make it available and kick: so the device asks for statistics.',
    on: 'ended',
    when: (k) => k.isStocked,
    kept: (k) => k.empty <= PATIENCE,
    said: (k) => `the device asked for statistics ${Math.floor(k.empty / MILLISECOND)} ms ago, and none came`,
  },
  'virtio/BALLOON-STAT-D5': {
    where: STATISTICS,
    text: 'A driver MUST fill a statistics buffer with whole entries of 10 bytes (the standard says a multiple of 6, which fits no entry).',
    advice:
      'Fill the buffer with packed entries, 2 bytes of tag and 8 of value, and give their bytes as its length.',
    on: 'statistics',
    kept: (k) => k.readable % virtio_balloon_stat.size === 0,
    said: (k) =>
      `a buffer of statistics has ${bytesText(k.readable)}, no whole number of entries of ${virtio_balloon_stat.size}`,
  },
  'virtio/BALLOON-STAT-D6': {
    where: STATISTICS,
    text: 'A driver MUST send the same tags in every statistics buffer, except for the first, which may be empty.',
    advice: 'Decide at the start which statistics to send, and send all of them each time.',
    on: 'told',
    // A driver's first buffer may be empty or filled with meaningless tags, as that of Windows.
    when: (k) => !k.first && k.tags !== '' && k.tagsBefore !== null,
    kept: (k) => k.tags === k.tagsBefore,
    said: (k) => `a buffer told of ${k.tags}, and the one before of ${k.tagsBefore}`,
    since: (k) => k.buffered,
  },
} as const satisfies Rules<StatisticsWatch>;

/** Watches what a driver puts into the statistics queue. */
export class StatisticsWatch implements Partial<BalloonEvents> {
  id = 0;
  readable = 0;
  /** The first buffer since the device or the queue was reset. */
  first = true;
  /** The device still had the buffer before it. */
  waiting = false;
  /** Names of the statistics in a buffer, in a fixed order; empty where it has none that is known. */
  tags = '';
  /** The same of the buffer before; null before there is one that counts. */
  tagsBefore: string | null = null;
  /** The access by which the buffer before came. */
  buffered: Mark = 0;
  /** The driver ever made a buffer available; and how long the device has had none. */
  isStocked = false;
  empty: Nanos = 0;
  private newest: Mark = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, BALLOON_STATISTICS).on;
  }

  get subject(): string {
    return this.facts.queueName(BALLOON_QUEUE.stats);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(BALLOON_QUEUE.stats, this.id) ?? null;
  }

  statisticsSent(id: number, readable: number, _writable: number, first: boolean, waiting: boolean): void {
    this.id = id;
    this.readable = readable;
    this.first = first;
    this.waiting = waiting;
    this.buffered = this.newest;
    this.newest = this.journal.mark;
    if (first) this.tagsBefore = null;
    this.on.statistics.tell(this);
  }

  /** The run is over. */
  ended(isStocked: boolean, empty: Nanos): void {
    this.isStocked = isStocked;
    this.empty = empty;
    this.on.ended.tell(this);
  }

  statisticsRead(values: ReadonlyMap<BalloonStat, bigint>): void {
    this.tags = [...values.keys()].sort().join(' ');
    this.on.told.tell(this);
    if (!this.first && this.tags !== '') this.tagsBefore = this.tags;
  }
}
