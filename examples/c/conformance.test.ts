import { conformance } from 'guestrig/vitest';
import { nic } from './drivers.js';

/** RAM is moved into the driver's memory on each machine: as much as it needs. */
const memory = { below4G: 16 << 20 };

conformance(
  { name: 'nic.wasm', drivers: [nic], run: (_port, [driver]) => driver.call('send', new Uint8Array(60)) },
  { machine: { memory }, require: ['virtio/INIT-D1', 'virtio/INIT-D13', 'virtio/NET-FRAME-LEG-D1'] },
);
