import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { ScsiEvents } from './events.ts';
import { eventLun } from './lun.ts';
import { SCSI_EVENT, SCSI_EVENTS_MISSED, virtio_scsi_event } from './registers.ts';

/** The event queue: buffers wait here for events; an event without a buffer is reported with the next. */
export class EventQueue {
  events: ScsiEvents | null = null;
  private readonly queue: () => Virtqueue;
  private readonly layout: typeof virtio_scsi_event;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private missed = false;

  constructor(queue: () => Virtqueue, endian: Endian) {
    this.queue = queue;
    this.layout = virtio_scsi_event.in(endian);
  }

  send(event: number, target: number, lun: number, reason: number): void {
    if (!this.put(event, target, lun, reason)) this.lost();
  }

  /** An event was missed. */
  lost(): void {
    this.missed = true;
  }

  /** The driver kicked: new buffers may be available. */
  stocked(): void {
    if (!this.missed) return;
    this.put(SCSI_EVENT.NO_EVENT, 0, 0, 0);
  }

  reset(): void {
    this.missed = false;
  }

  private put(event: number, target: number, lun: number, reason: number): boolean {
    const queue = this.queue();
    if (!queue.pop()) return false;
    queue.chain.resolve(this.readable, this.writable);
    this.events?.eventBuffer(this.readable.total, this.writable.total);
    const fits = this.writable.total >= virtio_scsi_event.size;
    queue.push(queue.chain.id, fits ? this.writable.scatter(this.encode(event, target, lun, reason)) : 0);
    if (fits) this.events?.eventTold(event, target, lun, reason, this.missed);
    queue.flush();
    if (fits) this.missed = false;
    return fits;
  }

  /** LUN zero if the event concerns no unit. */
  private encode(event: number, target: number, lun: number, reason: number): Uint8Array {
    const flag = this.missed ? SCSI_EVENTS_MISSED : 0;
    const unit = event === SCSI_EVENT.NO_EVENT ? new Uint8Array(8) : eventLun(target, lun);
    return this.layout.encode({ event: (event | flag) >>> 0, lun: unit, reason });
  }
}
