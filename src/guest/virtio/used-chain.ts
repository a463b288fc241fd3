import type { GuestPort } from '../../core/guest-port.ts';
import { DriverError } from '../driver-error.ts';

/** A chain that came back: `id` is what `add` gave, `length` how much the device says it wrote. */
export interface UsedChain {
  readonly id: number;
  readonly length: number;
}

export function notLent(port: GuestPort, queue: number, id: number): DriverError {
  return new DriverError(port, `queue ${queue}`, `the device gave back ${id}, which it did not have`);
}
