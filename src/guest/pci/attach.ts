import type { Driver, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';

/** Attaches `driver` to every function that it matches. */
export function attachAll<Handle>(
  port: GuestPort,
  functions: readonly FoundFunction[],
  driver: Driver<Handle>,
): Handle[] {
  return functions.filter(({ id }) => driver.matches(id)).map(({ bdf }) => driver.attach(port, bdf));
}
