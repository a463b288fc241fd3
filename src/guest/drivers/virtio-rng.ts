import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { SECOND } from '../driver-error.ts';
import type { DriverQueue } from '../virtio/driver-queue.ts';
import { acceptable, TRANSPORT_FEATURES } from '../virtio/features.ts';
import { isVirtio } from '../virtio/identity.ts';
import { VirtioFunction, type VirtioUse } from '../virtio/virtio-function.ts';

const REQUEST_QUEUE = 0;
const BUFFER_SIZE = 256;

/**
 * An entropy device in use: one queue of empty buffers that come back filled, wholly or in part.
 *
 * @example
 * const rng = machine.attach(virtioRngDriver);
 * rng.read(32);          // 32 random bytes
 * rng.close();
 */
export class VirtioRng {
  private readonly device: VirtioFunction;
  private readonly queue: DriverQueue;
  private readonly buffer: number;
  private came = 0;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}) {
    this.device = new VirtioFunction(port, bdf, 'virtio-rng', use);
    this.device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    this.queue = this.device.addQueue(REQUEST_QUEUE, () => this.serve());
    this.buffer = port.allocate(BUFFER_SIZE, 1);
    this.device.ready();
  }

  /** Waits for `count` bytes; a device that gives none within a second ends in a DriverError. */
  read(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      const got = this.fillBuffer(Math.min(count - done, BUFFER_SIZE));
      this.device.port.memory.read(this.buffer, bytes.subarray(done, done + got));
      done += got;
    }
    return bytes;
  }

  close(): void {
    this.device.close();
    this.device.port.release(this.buffer);
  }

  private fillBuffer(length: number): number {
    this.came = 0;
    this.queue.add([], [{ address: this.buffer, length }]);
    this.device.kick(this.queue);
    this.device.waitFor(() => this.came > 0, SECOND, 'no random bytes came');
    return Math.min(this.came, length);
  }

  private serve(): void {
    this.queue.drain((_id, length) => {
      this.came = length;
    });
  }
}

export function virtioRng(use: VirtioUse = {}): Driver<VirtioRng> {
  return {
    name: 'virtio-rng',
    matches: (id) => isVirtio(id, 'rng'),
    attach: (port, bdf) => new VirtioRng(port, bdf, use),
  };
}

export const virtioRngDriver: Driver<VirtioRng> = virtioRng();
