import { answerHeader, behind, headerAddress } from '../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking } from '../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioNet, virtioRng } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { DEVICE_STATUS, ISR_STATUS } from '../../virtio/registers.ts';

/** Longer than 10,000 reads take. */
const LATE = 50_000_000;

const interrupted = breaking(virtioNet({ interrupts: 'intx' }), (nic) => nic.send(FRAME));
const patient = breaking(
  virtioRng({ interrupts: 'polled' }),
  (rng) => rng.read(1),
  () => gceN1({ rng: true, completion: { latency: LATE } }),
);

/** Instead of sleeping it polls the status until an event happens. */
function spins(port: GuestPort, bdf: number): GuestPort {
  const status = headerAddress(port, bdf) + DEVICE_STATUS.offset;
  return behind(port, {
    wait: (until) => {
      while (!until()) port.in(status, DEVICE_STATUS.width);
      return true;
    },
  });
}

/** Mistakes in how a driver waits. */
export const MUTANTS: readonly BrokenDriver[] = [
  interrupted('never reads the ISR status', 'live/LINE-SERVED', (port, bdf) =>
    answerHeader(port, bdf, ISR_STATUS, () => ISR_STATUS.mask.QUEUE),
  ),
  patient('waits by reading the status', 'live/BUSY-WAIT', spins),
];
