import { SECOND } from '../driver-error.ts';
import type { Segment } from './descriptor.ts';
import type { DriverQueue } from './driver-queue.ts';
import type { VirtioDriver } from './virtio-driver.ts';

/**
 * A queue with one chain under way at a time, each waited for: for commands, and for what is asked for seldom.
 *
 * @example
 * const control = new ExchangeQueue(device, 2);
 * control.exchange([command], [ack], 'the command is not answered');
 */
export class ExchangeQueue {
  private readonly device: VirtioDriver;
  private readonly queue: DriverQueue;
  private busy = false;
  private written = 0;

  constructor(device: VirtioDriver, index: number) {
    this.device = device;
    this.queue = device.addQueue(index, () => this.serve());
  }

  /**
   * Sends a chain and waits until it comes back; when it does not, `failure` is what the DriverError says.
   * @returns bytes that the device says it wrote.
   */
  exchange(readable: readonly Segment[], writable: readonly Segment[], failure: string): number {
    this.busy = true;
    this.queue.add(readable, writable);
    this.device.kick(this.queue);
    this.device.waitFor(() => !this.busy, SECOND, failure);
    return this.written;
  }

  private serve(): void {
    this.queue.drain((_id, length) => {
      this.written = length;
      this.busy = false;
    });
  }
}
