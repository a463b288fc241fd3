import type { DriverModel } from '../../src/conformance/index.ts';
import type { Driver } from '../../src/core/driver.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import type { MachineOptions } from '../../src/index.ts';

/** A driver with one mistake that one scenario shows, and the machine that it is for. */
export interface Mistaken {
  readonly scenario: string;
  readonly model: DriverModel;
  readonly machine?: MachineOptions;
  /** Others that show it, too. */
  readonly also?: readonly string[];
}

/** Good drivers, each behind a port that makes the mistake; `run` uses them. */
export function behindPort<Handle>(
  name: string,
  good: Driver<Handle>,
  mistake: (port: GuestPort, bdf: number) => GuestPort,
  run: (handle: Handle, port: GuestPort) => void,
): DriverModel {
  return {
    name,
    drivers: [{ ...good, attach: (port, bdf) => good.attach(mistake(port, bdf), bdf) }],
    run: (port, handles) => {
      for (const handle of handles) if (handle !== undefined) run(handle as Handle, port);
    },
  };
}
