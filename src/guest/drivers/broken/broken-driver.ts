import type { ClauseId } from '../../../core/clause.ts';
import type { Driver, DriverModel } from '../../../core/driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet } from '../virtio-net.ts';

/** A driver with one deliberate mistake, and the clause that it breaks. */
export interface BrokenDriver {
  readonly model: DriverModel;
  readonly clause: ClauseId;
}

/** To everybody, from nobody, of a type for experiments: sixty bytes that no receiver takes for anything. */
const FRAME = Uint8Array.from({ length: 60 }, (_, i) =>
  i < 6 ? 0xff : i === 12 ? 0x88 : i === 13 ? 0xb5 : 0,
);

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

/** The good network driver. It sends a frame and waits for nothing. */
export const brokenNet = breaking(virtioNet({ interrupts: 'polled' }), (nic) => nic.post(FRAME));
