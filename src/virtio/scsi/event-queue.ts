import type { Journal } from '../../core/journal.ts';
import { Segments } from '../../core/segments.ts';
import type { Endian } from '../../core/struct.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { eventLun } from './lun.ts';
import { SCSI_EVENT, SCSI_EVENTS_MISSED, virtio_scsi_event } from './registers.ts';

/** The event queue: buffers wait here until something happens; what finds none is told of with the next. */
export class EventQueue {
  private readonly journal: Journal;
  private readonly queue: () => Virtqueue;
  private readonly subject: () => string;
  private readonly layout: typeof virtio_scsi_event;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  private missed = false;

  constructor(journal: Journal, queue: () => Virtqueue, subject: () => string, endian: Endian) {
    this.journal = journal;
    this.queue = queue;
    this.subject = subject;
    this.layout = virtio_scsi_event.in(endian);
  }

  send(event: number, target: number, lun: number, reason: number): void {
    if (!this.put({ event, lun: eventLun(target, lun), reason })) this.lost();
  }

  /** Something happened and could not be sent. */
  lost(): void {
    this.missed = true;
  }

  /** The driver kicked: buffers may have come. */
  stocked(): void {
    if (!this.missed) return;
    this.put({ event: SCSI_EVENT.NO_EVENT, lun: new Uint8Array(8), reason: 0 });
  }

  reset(): void {
    this.missed = false;
  }

  private put(event: { event: number; lun: Uint8Array; reason: number }): boolean {
    const queue = this.queue();
    if (!queue.pop()) return false;
    queue.chain.resolve(this.readable, this.writable);
    this.journal.met('virtio/SCSI-EVT-D2');
    this.journal.met('virtio/SCSI-EVT-D4');
    if (this.readable.count > 0)
      this.journal.report('virtio/SCSI-EVT-D2', this.subject(), 'an event buffer has readable parts');
    const fits = this.writable.total >= virtio_scsi_event.size;
    if (!fits)
      this.journal.report(
        'virtio/SCSI-EVT-D4',
        this.subject(),
        `an event buffer holds ${this.writable.total} bytes`,
      );
    const flag = this.missed ? SCSI_EVENTS_MISSED : 0;
    const bytes = this.layout.encode({ ...event, event: (event.event | flag) >>> 0 });
    queue.push(queue.chain.id, fits ? this.writable.scatter(bytes) : 0);
    queue.flush();
    if (fits) this.missed = false;
    return fits;
  }
}
