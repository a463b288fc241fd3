import type { Driver, DriverModel } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioNet } from '../../guest/index.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import { FRAME } from '../reference.ts';

/** A driver with one deliberate mistake, and the clause that it breaks. */
export interface BrokenDriver {
  readonly model: DriverModel;
  readonly clause: ClauseId;
  /** The machine that shows it. Left out, one for most: RAM above 4 GiB, decoy features, a balloon that asks for pages. */
  readonly machine?: () => Machine;
  /** What happens at that machine's other end, as in a scenario. */
  readonly act?: (machine: Machine, use: () => void) => void;
}

type Mistake = (port: GuestPort, bdf: number) => GuestPort;

/** How to break `good`: it works behind a port that makes one mistake for it, and is then used. */
export function breaking<Handle>(
  good: Driver<Handle>,
  use: (handle: Handle) => void,
): (name: string, clause: ClauseId, mistake: Mistake) => BrokenDriver {
  return (name, clause, mistake) => ({
    clause,
    model: {
      name,
      drivers: [{ ...good, name, attach: (port, bdf) => good.attach(mistake(port, bdf), bdf) }],
      run: (_port, handles) => {
        for (const handle of handles) use(handle as Handle);
      },
    },
  });
}

/** The good network driver, with a message for each queue. */
export const brokenMsixNet = breaking(virtioNet({ interrupts: 'msix' }), (nic) => nic.post(FRAME));

/** The good network driver. It sends a frame and waits for nothing. */
export const brokenNet = breaking(virtioNet({ interrupts: 'polled' }), (nic) => nic.post(FRAME));
