import type { Nanos } from '../core/bits.ts';
import type { GuestPort } from '../core/guest-port.ts';

/**
 * A driver's failure: its name, what did not happen, and the virtual time. Every wait of a driver for the hardware has a
 * limit, so a dead device ends in one of these and never in an endless loop.
 *
 * `virtio-net 00:04.0: the device did not come out of reset, at 1003.200 us`
 */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  /** Virtual nanoseconds. */
  readonly at: Nanos;

  constructor(port: GuestPort, who: string, what: string) {
    const at = port.now();
    super(`${who}: ${what}, at ${(at / 1000).toFixed(3)} us`);
    this.at = at;
  }
}

/** One second of virtual time. */
export const SECOND: Nanos = 1_000_000_000;
