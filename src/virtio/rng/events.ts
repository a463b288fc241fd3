import type { VirtioEvents } from '../events.ts';

/** What an entropy device reports to the watcher of its driver. */
export interface RngEvents extends VirtioEvents {
  /** The device took a buffer for random bytes, with so many readable and writable bytes. */
  asked(readable: number, writable: number): void;
}
