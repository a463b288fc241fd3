import type { EventTable } from '../../core/compose.ts';
import { VIRTIO_EVENTS, type VirtioEvents } from '../events.ts';

/** What a block device reports to the watcher of its driver. */
export interface BlockEvents extends VirtioEvents {
  /** The device took a request for so many sectors from `sector` on. */
  requested(sector: number, sectors: number): void;
}

export const BLOCK_EVENTS = { ...VIRTIO_EVENTS, requested: 2 } as const satisfies EventTable<BlockEvents>;
