import type { Gpa } from '../../core/bits.ts';
import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { DriverError } from '../driver-error.ts';
import { SavedFunction } from '../pci/saved-function.ts';
import { ExchangeQueue } from '../virtio/exchange-queue.ts';
import { acceptable, TRANSPORT_FEATURES } from '../virtio/features.ts';
import { isVirtio } from '../virtio/identity.ts';
import { VirtioDriver, type VirtioUse } from '../virtio/virtio-driver.ts';

const REQUEST_QUEUE = 0;
const BUFFER_SIZE = 256;
const NOTHING = 'no random bytes came';

/**
 * An entropy device in use: one queue of empty buffers that are returned filled, wholly or in part.
 *
 * @example
 * const rng = machine.attach(virtioRngDriver);
 * rng.read(32);          // 32 random bytes
 * rng.suspend();         // power may go and come
 * rng.resume();
 * rng.close();
 */
export class RngDriver {
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly use: VirtioUse;
  private source: Source;
  private saved: SavedFunction | null = null;
  /** Suspended by SUSPEND, with all its state. */
  private suspended = false;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    this.source = bringUp(port, bdf, use);
  }

  /** Waits for `count` bytes; DriverError if the device gives none, or does not answer within a second. */
  read(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      const got = this.fillBuffer(Math.min(count - done, BUFFER_SIZE));
      this.port.memory.read(this.source.buffer, bytes.subarray(done, done + got));
      done += got;
    }
    return bytes;
  }

  /** Prepares for a loss of power. */
  suspend(): void {
    this.saved = SavedFunction.of(this.port, this.bdf);
    this.suspended = this.source.device.suspend();
    if (!this.suspended) this.close();
  }

  /** Resumes after `suspend`. */
  resume(): void {
    this.saved?.restore(this.port);
    if (this.suspended && this.source.device.resume()) return;
    if (this.suspended) this.close();
    this.source = bringUp(this.port, this.bdf, this.use);
  }

  close(): void {
    this.source.device.close();
    this.port.release(this.source.buffer);
  }

  private fillBuffer(length: number): number {
    const { device, queue, buffer } = this.source;
    const came = queue.exchange([], [{ address: buffer, length }], NOTHING);
    if (came === 0) throw new DriverError(this.port, device.name, NOTHING);
    return Math.min(came, length);
  }
}

/** A device after bring-up, its queue, and its buffer. */
interface Source {
  readonly device: VirtioDriver;
  readonly queue: ExchangeQueue;
  readonly buffer: Gpa;
}

function bringUp(port: GuestPort, bdf: number, use: VirtioUse): Source {
  const device = new VirtioDriver(port, bdf, 'virtio-rng', use);
  device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
  const queue = new ExchangeQueue(device, REQUEST_QUEUE);
  const buffer = port.allocate(BUFFER_SIZE, 1);
  device.ready();
  return { device, queue, buffer };
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

/** The driver of the virtio entropy device, with defaults. */
export const virtioRngDriver: Driver<RngDriver> = virtioRng();
