import type { EventTable } from '../../core/compose.ts';
import { VIRTIO_EVENTS, type VirtioEvents } from '../events.ts';
import type { BalloonStat } from './registers.ts';

/** Why a page cannot go into the balloon. */
export type PageFault =
  /** It already is in the balloon. */
  | 'again'
  /** RAM has no such page. */
  | 'no RAM';

/** What a balloon reports to the watcher of its driver. Pages are given by number; `queue` is an index. */
export interface BalloonEvents extends VirtioEvents {
  /** The driver wrote a byte of the configuration. */
  configWritten(offset: number, value: number): void;
  /** The driver wrote the last byte of `actual`, which takes effect now. */
  actualWritten(actual: number): void;
  /** The driver kicked a queue, and the device served it: so many pages are in the balloon. */
  attended(queue: number, pages: number): void;
  /** The device took an array of page numbers, of so many bytes to read and to write. */
  pagesSent(queue: number, readable: number, writable: number): void;
  inflated(page: number, fault: PageFault | null): void;
  /** @param wasInside the page was in the balloon. */
  deflated(page: number, wasInside: boolean): void;
  /**
   * The device took a buffer of statistics.
   *
   * @param first it is the first since the device or the queue was reset.
   * @param waiting the device still had the buffer before it.
   */
  statisticsSent(id: number, readable: number, writable: number, first: boolean, waiting: boolean): void;
  /** The content of a statistics buffer, if it is valid. */
  statisticsRead(values: ReadonlyMap<BalloonStat, bigint>): void;
}

export const BALLOON_EVENTS = {
  ...VIRTIO_EVENTS,
  configWritten: 2,
  actualWritten: 1,
  attended: 2,
  pagesSent: 3,
  inflated: 2,
  deflated: 2,
  statisticsSent: 5,
  statisticsRead: 1,
} as const satisfies EventTable<BalloonEvents>;
