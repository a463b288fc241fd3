import type { Gpa } from '../../../core/bits.ts';
import type { Endian } from '../../../core/struct.ts';
import {
  SCSI_EVENT,
  SCSI_EVENTS_MISSED,
  SCSI_RESET_REASON,
  virtio_scsi_event,
} from '../../../virtio/scsi/registers.ts';
import type { DriverQueue } from '../../virtio/driver-queue.ts';
import type { VirtioDriver } from '../../virtio/virtio-driver.ts';
import { parseLunField, type UnitAddress } from './request-queue.ts';

const BUFFERS = 8;

/**
 * An event of the host adapter. `missed`: at least one earlier event was lost, so the bus must be scanned again.
 */
export interface ScsiEvent extends UnitAddress {
  readonly what: 'nothing' | 'reset' | 'added' | 'removed' | 'notified' | 'changed';
  /**
   * As the device sent it. For `changed` it is the additional sense code in bits 0 to 7 and its qualifier in 8 to
   * 15.
   */
  readonly reason: number;
  readonly missed: boolean;
}

/** The event queue: kept filled with buffers, each returned to the device as soon as it was read. */
export class DriverScsiEventQueue {
  private readonly device: VirtioDriver;
  private readonly queue: DriverQueue;
  private readonly size: number;
  private readonly stocked: Gpa[] = [];
  private readonly buffers = new Map<number, Gpa>();
  private readonly events: ScsiEvent[] = [];

  /** @param size bytes of a buffer, by the device's event size. */
  constructor(device: VirtioDriver, index: number, size: number) {
    this.device = device;
    this.size = Math.max(size, virtio_scsi_event.size);
    this.queue = device.addQueue(index, () => this.serve());
  }

  stock(): void {
    for (let i = 0; i < Math.min(BUFFERS, this.queue.size); i++) {
      const buffer = this.device.port.allocate(this.size, 8);
      this.stocked.push(buffer);
      this.lend(buffer);
    }
    this.device.kick(this.queue);
  }

  get waiting(): number {
    return this.events.length;
  }

  /** Every event since the last time, oldest first. */
  takeAll(): ScsiEvent[] {
    return this.events.splice(0);
  }

  release(): void {
    for (const buffer of this.stocked.splice(0)) this.device.port.release(buffer);
  }

  private lend(buffer: Gpa): void {
    const id = this.queue.add([], [{ address: buffer, length: this.size }]);
    this.buffers.set(id!, buffer);
  }

  private serve(): void {
    const bytes = new Uint8Array(virtio_scsi_event.size);
    this.queue.drain((id) => {
      const buffer = this.buffers.get(id)!;
      this.device.port.memory.read(buffer, bytes);
      this.events.push(decodeEvent(bytes, this.device.port.memory.endian));
      this.lend(buffer);
    });
    this.device.kick(this.queue);
  }
}

function decodeEvent(bytes: Uint8Array, endian: Endian = 'le'): ScsiEvent {
  const { event, lun, reason } = virtio_scsi_event.in(endian).decode(bytes);
  const missed = event >= SCSI_EVENTS_MISSED;
  return { ...parseLunField(lun), what: kindOf(event % SCSI_EVENTS_MISSED, reason), reason, missed };
}

function kindOf(event: number, reason: number): ScsiEvent['what'] {
  if (event === SCSI_EVENT.PARAM_CHANGE) return 'changed';
  if (event === SCSI_EVENT.ASYNC_NOTIFY) return 'notified';
  if (event !== SCSI_EVENT.TRANSPORT_RESET) return 'nothing';
  if (reason === SCSI_RESET_REASON.RESCAN) return 'added';
  return reason === SCSI_RESET_REASON.REMOVED ? 'removed' : 'reset';
}
