import { SECOND } from '../driver-error.ts';
import type { DriverQueue } from './driver-queue.ts';
import type { Segment } from './indirect-tables.ts';
import type { VirtioDriver } from './virtio-driver.ts';

/**
 * A queue with one chain in flight at a time, waiting for each: for commands, and for rare requests.
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
   * Sends a chain and waits for it; `failure` is the DriverError's message if it is not returned.
   * @returns the number of bytes that the device reports as written.
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
