import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { DriverError } from '../driver-error.ts';
import { ExchangeQueue } from '../virtio/exchange-queue.ts';
import { acceptable, TRANSPORT_FEATURES } from '../virtio/features.ts';
import { isVirtio } from '../virtio/identity.ts';
import { VirtioDriver, type VirtioUse } from '../virtio/virtio-driver.ts';

const REQUEST_QUEUE = 0;
const BUFFER_SIZE = 256;
const NOTHING = 'no random bytes came';

/**
 * An entropy device in use: one queue of empty buffers that come back filled, wholly or in part.
 *
 * @example
 * const rng = machine.attach(virtioRngDriver);
 * rng.read(32);          // 32 random bytes
 * rng.close();
 */
export class RngDriver {
  private readonly device: VirtioDriver;
  private readonly queue: ExchangeQueue;
  private readonly buffer: number;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}) {
    this.device = new VirtioDriver(port, bdf, 'virtio-rng', use);
    this.device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    this.queue = new ExchangeQueue(this.device, REQUEST_QUEUE);
    this.buffer = port.allocate(BUFFER_SIZE, 1);
    this.device.ready();
  }

  /** Waits for `count` bytes; a device that gives none, or does not answer within a second, ends in a DriverError. */
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
    const came = this.queue.exchange([], [{ address: this.buffer, length }], NOTHING);
    if (came === 0) throw new DriverError(this.device.port, this.device.name, NOTHING);
    return Math.min(came, length);
  }
}

/**
 * The driver of the virtio entropy device.
 *
 * @example machine.attach(virtioRng({ interrupts: 'polled' })).read(32);
 */
export function virtioRng(use: VirtioUse = {}): Driver<RngDriver> {
  return {
    name: 'virtio-rng',
    matches: (id) => isVirtio(id, 'rng'),
    attach: (port, bdf) => new RngDriver(port, bdf, use),
  };
}

/** The driver of the virtio entropy device, used as it comes. */
export const virtioRngDriver: Driver<RngDriver> = virtioRng();
