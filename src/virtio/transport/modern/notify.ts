import type { Width } from '../../../core/bits.ts';
import { type Told, valueText } from '../../../core/register-block.ts';
import type { VirtioDevice } from '../../device.ts';
import type { VirtioEvents } from '../../events.ts';
import { FEATURE } from '../../registers.ts';
import { VIRTIO_PCI_CAP } from './registers.ts';
import type { Structure } from './structure.ts';

/** Bytes between two queues' addresses: room for a kick with NOTIFICATION_DATA. */
export const NOTIFY_MULTIPLIER = 4;

/** The notify structure: each queue has its own address, which identifies the queue whatever value is written. */
export class NotifyStructure implements Structure {
  readonly name = 'notify';
  readonly type = VIRTIO_PCI_CAP.NOTIFY;
  readonly length: number;
  private readonly device: VirtioDevice;

  constructor(device: VirtioDevice) {
    this.device = device;
    this.length = this.device.queues.length * NOTIFY_MULTIPLIER;
  }

  read(): number {
    return 0;
  }

  write(offset: number, value: number, width: Width): void {
    const { events } = this.device;
    const index = Math.floor(offset / NOTIFY_MULTIPLIER);
    events?.notifyWritten('modern', index, offset, width, value);
    if (offset % NOTIFY_MULTIPLIER !== 0) return;
    if (events !== null && width === 4 && this.device.accepted.has(FEATURE.NOTIFICATION_DATA))
      this.tellPosition(events, index, value >>> 16);
    this.device.notify(index);
  }

  describe(access: Told & { offset: number }): string {
    return `notify queue ${Math.floor(access.offset / NOTIFY_MULTIPLIER)}${valueText(access)}`;
  }

  /** Whether next_off and next_wrap are where the driver goes on. */
  private tellPosition(events: VirtioEvents, index: number, position: number): void {
    const queue = this.device.queues[index];
    if (queue?.ready) events.positionTold(index, position, queue.checkNotified(position));
  }
}
