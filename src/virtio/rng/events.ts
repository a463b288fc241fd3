import type { VirtioEvents } from '../events.ts';

/** What an entropy device tells whoever watches its driver. */
export interface RngEvents extends VirtioEvents {
  /** The device took a buffer for random bytes, of so many to read and to write. */
  asked(readable: number, writable: number): void;
}
