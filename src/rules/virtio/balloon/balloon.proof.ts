import { GuestMemory } from '../../../core/memory.ts';
import type { BalloonEvents } from '../../../virtio/balloon/events.ts';
import { BALLOON_QUEUE, type BalloonStat } from '../../../virtio/balloon/registers.ts';
import { VIRTIO_ID } from '../../../virtio/registers.ts';
import { scripts } from '../../script.proof.ts';
import { factsOfNobody } from '../facts.proof.ts';
import { VirtioWatches } from '../watches.ts';
import { BalloonWatch, judgeBalloon } from './balloon.ts';
import type { BALLOON_CONFIG } from './config.ts';
import type { BALLOON } from './pages.ts';
import { type BALLOON_STATISTICS, StatisticsWatch } from './statistics.ts';

const { inflate, deflate, stats } = BALLOON_QUEUE;
/** The four bytes of `actual` are at 4 to 7 of the configuration. */
const ACTUAL = [4, 5, 6, 7];
/** Memory of four pages; page 3 was written to. */
const MEMORY = GuestMemory.of(4 * 4096);
MEMORY.write(3 * 4096, Uint8Array.of(1));

/** A buffer of statistics with these tags; the first one is not judged. */
const tell = (balloon: BalloonEvents, first: boolean, ...tags: readonly BalloonStat[]) => {
  balloon.statisticsSent(0, 10 * tags.length, 0, first, false);
  if (!first) balloon.statisticsRead(new Map(tags.map((tag) => [tag, 1n])));
};

const FACTS = factsOfNobody('balloon0', VIRTIO_ID.balloon, [16, 16, 16]);
/** Longer than a driver is busy with something else. */
const LONG = 3_000_000_000;

/** Told at the end of a run. */
export const BALLOON_END_PROOFS = scripts<BalloonWatch, 'virtio/BALLOON-IMP-7'>(
  (journal) => new BalloonWatch(FACTS, MEMORY, () => 1, journal, new VirtioWatches(FACTS, journal).init),
  {
    'virtio/BALLOON-IMP-7': {
      breaks: (balloon) => {
        balloon.inflated(3, null);
        balloon.checkInside();
      },
      keeps: (balloon) => {
        balloon.inflated(2, null);
        balloon.checkInside();
      },
    },
  },
);

export const BALLOON_STATISTICS_PROOFS = scripts<
  StatisticsWatch,
  'virtio/BALLOON-STAT-D2' | 'virtio/BALLOON-STAT-D3'
>((journal) => new StatisticsWatch(FACTS, journal), {
  'virtio/BALLOON-STAT-D2': {
    breaks: (statistics) => statistics.ended(false, 0),
    keeps: (statistics) => statistics.ended(true, 0),
  },
  'virtio/BALLOON-STAT-D3': {
    breaks: (statistics) => statistics.ended(true, LONG),
    keeps: (statistics) => statistics.ended(true, 0),
  },
});

type AtEnd = 'virtio/BALLOON-IMP-7' | 'virtio/BALLOON-STAT-D2' | 'virtio/BALLOON-STAT-D3';

export const BALLOON_PROOFS = scripts<
  BalloonEvents,
  Exclude<keyof typeof BALLOON | keyof typeof BALLOON_CONFIG | keyof typeof BALLOON_STATISTICS, AtEnd>
>((journal) => judgeBalloon(FACTS, MEMORY, () => 1, journal), {
  'virtio/BALLOON-OP-D3': {
    breaks: (balloon) => balloon.deflated(3, true),
    keeps: (balloon) => balloon.deflated(2, true),
  },
  'virtio/BALLOON-OP-D6': {
    breaks: (balloon) => balloon.deflated(2, false),
    keeps: (balloon) => balloon.deflated(2, true),
  },
  'virtio/BALLOON-OP-D7': {
    breaks: (balloon) => {
      balloon.attended(inflate, 1);
      balloon.actualWritten(4);
    },
    keeps: (balloon) => {
      balloon.attended(inflate, 1);
      balloon.actualWritten(1);
    },
  },
  'virtio/BALLOON-LEG-D2': {
    breaks: (balloon) => {
      for (const offset of ACTUAL.toReversed()) balloon.configWritten(offset, 0);
    },
    keeps: (balloon) => {
      for (const offset of ACTUAL) balloon.configWritten(offset, 0);
    },
  },
  'virtio/BALLOON-STAT-D1': {
    breaks: (balloon) => {
      balloon.statisticsSent(0, 10, 0, true, false);
      balloon.statisticsSent(1, 10, 0, false, true);
    },
    keeps: (balloon) => {
      balloon.statisticsSent(0, 10, 0, true, false);
      balloon.statisticsSent(1, 10, 0, false, false);
    },
  },
  'virtio/BALLOON-STAT-D5': {
    breaks: (balloon) => balloon.statisticsSent(0, 12, 0, true, false),
    keeps: (balloon) => balloon.statisticsSent(0, 20, 0, true, false),
  },
  'virtio/BALLOON-STAT-D6': {
    breaks: (balloon) => {
      tell(balloon, true);
      tell(balloon, false, 'MEMFREE', 'MEMTOT');
      tell(balloon, false, 'MEMFREE');
    },
    keeps: (balloon) => {
      tell(balloon, true);
      tell(balloon, false, 'MEMFREE', 'MEMTOT');
      tell(balloon, false, 'MEMTOT', 'MEMFREE');
    },
  },
  'virtio/BALLOON-IMP-1': {
    breaks: (balloon) => balloon.pagesSent(deflate, 4, 4),
    keeps: (balloon) => balloon.pagesSent(deflate, 4, 0),
  },
  'virtio/BALLOON-IMP-2': {
    breaks: (balloon) => balloon.pagesSent(inflate, 6, 0),
    keeps: (balloon) => balloon.pagesSent(inflate, 8, 0),
  },
  'virtio/BALLOON-IMP-3': {
    breaks: (balloon) => balloon.inflated(0x3000, 'no RAM'),
    keeps: (balloon) => balloon.inflated(3, null),
  },
  'virtio/BALLOON-IMP-4': {
    breaks: (balloon) => balloon.inflated(3, 'again'),
    keeps: (balloon) => balloon.inflated(3, null),
  },
  'virtio/BALLOON-IMP-5': {
    breaks: (balloon) => balloon.configWritten(0, 0),
    keeps: (balloon) => balloon.configWritten(4, 0),
  },
  'virtio/BALLOON-IMP-6': {
    breaks: (balloon) => balloon.attended(stats, 0),
    keeps: (balloon) => balloon.attended(inflate, 1),
  },
});
