import type { VirtioDevice } from '../../virtio/device.ts';
import { GSO_FRAME_MAX, NET_FEATURE, netHeaderSize } from '../../virtio/net/registers.ts';
import type { Chain, QueueEvents, RingPlace } from '../../virtio/queue/events.ts';
import type { ActiveLie } from './active-lie.ts';
import { isReceiveQueue, UsedRing } from './used-ring.ts';

/** Follows the rings of a device, and rewrites what it has said there before the driver sees it. */
export class LyingRings implements QueueEvents {
  /** A chain was made available that the device has. */
  onLentTwice: () => void = () => {};
  private mostLent = 0;
  private readonly device: VirtioDevice;
  private readonly active: ActiveLie;
  private readonly rings = new Map<number, UsedRing>();

  constructor(device: VirtioDevice, active: ActiveLie) {
    this.device = device;
    this.active = active;
  }

  /** The most bytes that a frame may have, of what was lent for frames. */
  get longestFrame(): number {
    const { accepted } = this.device;
    return accepted.has(NET_FEATURE.MRG_RXBUF) ? GSO_FRAME_MAX : this.mostLent - netHeaderSize(accepted);
  }

  placed(queue: number, place: RingPlace): void {
    this.rings.set(queue, new UsedRing(this.device, queue, place));
  }

  taken(queue: number, chain: Chain, indirect: boolean): void {
    this.rings.get(queue)?.take(chain, indirect);
    if (isReceiveQueue(this.device, queue)) this.mostLent = Math.max(this.mostLent, chain.writableBytes);
  }

  putBack(queue: number, count: number): void {
    this.rings.get(queue)?.putBack(count);
  }

  used(queue: number, id: number): void {
    this.rings.get(queue)?.use(id);
  }

  published(queue: number): void {
    const ring = this.rings.get(queue);
    if (ring === undefined) return;
    const { lie, random } = this.active;
    for (const entry of ring.published()) {
      const { id } = entry;
      if (lie.used !== undefined && this.active.isDue()) this.active.tell(lie.used(entry, random));
      ring.last = id;
    }
    if (lie.published !== undefined && this.active.isDue()) this.active.tell(lie.published(ring, random));
  }

  dry(): void {}

  fault(_queue: number, fault: string): void {
    if (fault === 'head in flight' || fault === 'id in flight') this.onLentTwice();
  }

  forgotten(queue: number): void {
    this.rings.delete(queue);
  }
}
