import type { GuestPort } from '../../core/guest-port.ts';
import { DriverError } from '../driver-error.ts';

/** A returned chain: `id` is `add`'s result, `length` the device's written length. */
export interface UsedChain {
  readonly id: number;
  readonly length: number;
}

export function notLent(port: GuestPort, queue: number, id: number): DriverError {
  return new DriverError(port, `queue ${queue}`, `the device gave back ${id}, which it did not have`);
}
