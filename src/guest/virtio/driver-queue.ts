import type { BitSet } from '../../core/bit-set.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { FEATURE } from '../../virtio/registers.ts';
import { DriverPackedQueue } from './driver-packed-queue.ts';
import { DriverSplitQueue } from './driver-split-queue.ts';

/** The driver's side of a virtqueue, of either format. */
export type DriverQueue = DriverSplitQueue | DriverPackedQueue;

/** A queue in the negotiated format. */
export function driverQueue(
  port: GuestPort,
  queue: { index: number; size: number; features: BitSet },
): DriverQueue {
  return queue.features.has(FEATURE.RING_PACKED)
    ? new DriverPackedQueue(port, queue)
    : new DriverSplitQueue(port, queue);
}
