import { hex, type Width } from '../../../core/bits.ts';
import { type AccessValue, valueText } from '../../../core/register-block.ts';
import type { VirtioDevice } from '../../device.ts';
import type { VirtioEvents } from '../../events.ts';
import { FEATURE } from '../../registers.ts';
import { VIRTIO_PCI_CAP } from './registers.ts';
import type { Structure } from './small-structures.ts';

/** Bytes between two queues' addresses: room for a kick with NOTIFICATION_DATA. */
export const NOTIFY_MULTIPLIER = 4;
/** No queue has this address. */
const NO_QUEUE = -1;

/** notify_off_multiplier of a device. */
export function notifyMultiplier({ manners }: VirtioDevice): number {
  return manners.notifyElsewhere ? 2 * NOTIFY_MULTIPLIER : NOTIFY_MULTIPLIER;
}

/** queue_notify_off of its first queue. As many addresses before it lead nowhere, those of a driver that counts from 0. */
export function firstNotifyOff({ manners, queues }: VirtioDevice): number {
  return manners.notifyElsewhere ? queues.length : 0;
}

/** The notify structure: each queue has its own address, which identifies the queue whatever value is written. */
export class NotifyStructure implements Structure {
  readonly name = 'notify';
  readonly type = VIRTIO_PCI_CAP.NOTIFY;
  readonly length: number;
  private readonly device: VirtioDevice;
  private readonly multiplier: number;
  private readonly first: number;

  constructor(device: VirtioDevice) {
    this.device = device;
    this.multiplier = notifyMultiplier(device);
    this.first = firstNotifyOff(device);
    this.length = (this.first + device.queues.length) * this.multiplier;
  }

  read(): number {
    return 0;
  }

  write(offset: number, value: number, width: Width): void {
    const { events } = this.device;
    const index = this.queueAt(offset);
    events?.notifyWritten('modern', index, offset, width, value);
    if (index === NO_QUEUE) return;
    if (events !== null && width === 4 && this.device.accepted.has(FEATURE.NOTIFICATION_DATA))
      this.tellPosition(events, index, value >>> 16);
    this.device.notify(index);
  }

  describe(access: AccessValue & { offset: number }): string {
    const index = this.queueAt(access.offset);
    const what = index === NO_QUEUE ? `+${hex(access.offset, 2)}` : ` queue ${index}`;
    return `notify${what}${valueText(access)}`;
  }

  private queueAt(offset: number): number {
    if (offset % this.multiplier !== 0) return NO_QUEUE;
    const index = Math.floor(offset / this.multiplier) - this.first;
    return index < 0 ? NO_QUEUE : index;
  }

  /** Whether next_off and next_wrap are where the driver goes on. */
  private tellPosition(events: VirtioEvents, index: number, position: number): void {
    const queue = this.device.queues[index];
    if (queue?.ready) events.positionTold(index, position, queue.checkNotified(position));
  }
}
