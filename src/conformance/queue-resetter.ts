import type { Driver } from '../core/driver.ts';
import { acceptable, TRANSPORT_FEATURES, VirtioDriver, virtioRng } from '../guest/index.ts';

const REQUESTQ = 0;
const ROOM = 32;

/** Has the entropy device fill a buffer, and does not wait for it. */
export type Ask = () => void;

/** Of the entropy device: resets its queue by itself while it runs, sets the queue up again, and goes on with it. */
export const queueResetter: Driver<Ask> = {
  ...virtioRng(),
  attach: (port, bdf) => {
    const device = new VirtioDriver(port, bdf, 'virtio-rng', { interrupts: 'polled' });
    device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    const first = device.addQueue(REQUESTQ, () => {});
    device.ready();
    device.resetQueue(first);
    const queue = device.addQueue(REQUESTQ, () => {});
    const buffer = port.allocate(ROOM, 1);
    return () => {
      queue.add([], [{ address: buffer, length: ROOM }]);
      device.kick(queue);
    };
  },
};
