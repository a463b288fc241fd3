import type { ClauseId } from '../../../core/clause.ts';
import type { DriverModel } from '../../../core/driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { Nic } from '../net/nic.ts';
import { virtioNet } from '../virtio-net.ts';

/** A driver with one deliberate mistake, and the clause that it breaks. */
export interface BrokenDriver {
  readonly model: DriverModel;
  readonly clause: ClauseId;
}

const good = virtioNet({ interrupts: 'polled' });

/** To everybody, from nobody, of a type for experiments: sixty bytes that no receiver takes for anything. */
const FRAME = Uint8Array.from({ length: 60 }, (_, i) =>
  i < 6 ? 0xff : i === 12 ? 0x88 : i === 13 ? 0xb5 : 0,
);

/** The good network driver behind a port that makes one mistake for it. It sends a frame and waits for nothing. */
export function brokenNet(
  name: string,
  clause: ClauseId,
  mistake: (port: GuestPort, bdf: number) => GuestPort,
): BrokenDriver {
  return {
    clause,
    model: {
      name,
      drivers: [{ ...good, name, attach: (port, bdf) => good.attach(mistake(port, bdf), bdf) }],
      run: (_port, handles) => {
        for (const nic of handles) if (nic instanceof Nic) nic.post(FRAME);
      },
    },
  };
}
