// SPDX-License-Identifier: MIT-0
import type { DriverModel } from 'guestrig';
import { nic } from '../src/nic.js';

const FRAME = new Uint8Array(60).fill(0xff, 0, 6);

/** The driver, and its use on each machine of the suite. */
const model = {
  name: 'my-nic',
  drivers: [nic],
  run(port, [nic]) {
    nic.send(FRAME);
    port.wait(() => nic.receiveAll().length > 0, 1_000_000);
  },
  // Further uses for scenarios; those that need more are skipped, with the reason.
  use: {
    send: (frame, [nic]) => nic.send(frame),
    receive: ([nic]) => nic.receiveAll(),
    stop: ([nic]) => nic.stop(),
  },
} satisfies DriverModel<[typeof nic]>;

export default model;
