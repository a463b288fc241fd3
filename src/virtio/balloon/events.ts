import type { VirtioEvents } from '../events.ts';
import type { BalloonStat } from './registers.ts';

/** Why a page does not go into the balloon. */
export type PageFault =
  /** It is in the balloon. */
  | 'again'
  /** There is no RAM of that number. */
  | 'no RAM';

/** What a balloon tells whoever watches its driver. Pages go by their number; `queue` is an index. */
export interface BalloonEvents extends VirtioEvents {
  /** The driver wrote a byte of the configuration. */
  configWritten(offset: number, value: number): void;
  /** It wrote the last byte of `actual`, which counts now. */
  actualWritten(actual: number): void;
  /** It kicked a queue, and the device did what it asks for: so many pages are in the balloon. */
  attended(queue: number, pages: number): void;
  /** The device took an array of page numbers, of so many bytes to read and to write. */
  pagesSent(queue: number, readable: number, writable: number): void;
  inflated(page: number, fault: PageFault | null): void;
  /** @param wasInside the page was in the balloon. */
  deflated(page: number, wasInside: boolean): void;
  /**
   * The device took a buffer of statistics.
   *
   * @param first since the device or the queue was reset.
   * @param waiting the device still had the buffer before it.
   */
  statisticsSent(id: number, readable: number, writable: number, first: boolean, waiting: boolean): void;
  /** What a buffer said, where that counts. */
  statisticsRead(values: ReadonlyMap<BalloonStat, bigint>): void;
}
