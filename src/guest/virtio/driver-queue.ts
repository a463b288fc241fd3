import type { GuestPort } from '../../core/guest-port.ts';
import { FEATURE } from '../../virtio/registers.ts';
import { has } from './features.ts';
import { PackedQueue } from './packed-queue.ts';
import { SplitQueue } from './split-queue.ts';

/** The driver's side of a virtqueue, of either format. */
export type DriverQueue = SplitQueue | PackedQueue;

/** A queue in the format that was negotiated. */
export function driverQueue(
  port: GuestPort,
  queue: { index: number; size: number; features: number },
): DriverQueue {
  return has(queue.features, FEATURE.RING_PACKED)
    ? new PackedQueue(port, queue)
    : new SplitQueue(port, queue);
}
