import type { Mark } from '../../../core/access.ts';
import { bytesText } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { virtio_balloon_stat } from '../../../virtio/balloon/registers.ts';

const STATISTICS = 'virtio 1.4, Traditional Memory Balloon Device, Memory Statistics';

/** What the rules know of buffers of statistics. */
export interface StatisticsKnows extends Knows {
  readonly id: number;
  readonly readable: number;
  /** Since the device or the queue was reset. */
  readonly first: boolean;
  /** The device had the buffer before it still. */
  readonly waiting: boolean;
  /** Names of what a buffer told of, in a fixed order; empty where it told nothing that means something. */
  readonly tags: string;
  /** Of the buffer before; null before one counts. */
  readonly tagsBefore: string | null;
  /** The access by which the buffer before came. */
  readonly buffered: Mark;
}

export type StatisticsMoment = 'statistics' | 'told';

/** Rules of the statistics queue, which the device drives. */
export const BALLOON_STATISTICS = {
  'virtio/BALLOON-STAT-D1': {
    strength: 'MUST',
    where: STATISTICS,
    text: 'The statsq has at most one buffer at any time',
    advice: 'Put the one buffer back only after the device used it, with fresh statistics in it.',
    on: 'statistics',
    when: (k) => !k.first,
    kept: (k) => !k.waiting,
    said: (k) => `a second buffer came, by id ${k.id}, while the device had one`,
    since: (k) => k.buffered,
  },
  'virtio/BALLOON-STAT-D5': {
    strength: 'MUST',
    where: STATISTICS,
    text: 'A buffer of statistics holds whole entries of 10 bytes (the text says a multiple of 6, which fits no entry)',
    advice:
      'Fill the buffer with packed entries, 2 bytes of tag and 8 of value, and give their bytes as its length.',
    on: 'statistics',
    kept: (k) => k.readable % virtio_balloon_stat.size === 0,
    said: (k) =>
      `a buffer of statistics has ${bytesText(k.readable)}, no whole number of entries of ${virtio_balloon_stat.size}`,
  },
  'virtio/BALLOON-STAT-D6': {
    strength: 'MUST',
    where: STATISTICS,
    text: 'Every buffer of statistics has the same tags, but for the first, which may be empty',
    advice: 'Decide at the start which statistics there are, and send all of them each time.',
    on: 'told',
    // What a driver puts in at its start may be empty or filled with tags of nothing, as Windows fills it.
    when: (k) => !k.first && k.tags !== '' && k.tagsBefore !== null,
    kept: (k) => k.tags === k.tagsBefore,
    said: (k) => `a buffer told of ${k.tags}, and the one before of ${k.tagsBefore}`,
    since: (k) => k.buffered,
  },
} as const satisfies Rules<StatisticsKnows, StatisticsMoment>;
