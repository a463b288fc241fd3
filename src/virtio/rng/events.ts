import type { EventTable } from '../../core/compose.ts';
import { VIRTIO_EVENTS, type VirtioEvents } from '../events.ts';

/** What an entropy device reports to the watcher of its driver. */
export interface RngEvents extends VirtioEvents {
  /** The device took a buffer for random bytes, with so many readable and writable bytes. */
  asked(readable: number, writable: number): void;
}

export const RNG_EVENTS = { ...VIRTIO_EVENTS, asked: 2 } as const satisfies EventTable<RngEvents>;
