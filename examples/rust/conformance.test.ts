import { conformance } from 'guestrig/vitest';
import { nic, uart } from './driver.js';

/** RAM is moved into the driver's memory on each machine: as much as it needs. */
const machine = { memory: { below4G: 16 << 20 } };

conformance(nic.model(), { machine, require: ['virtio/INIT-D1', 'virtio/INIT-D13', 'virtio/CLEAN-D1'] });

conformance(uart.model(), { machine, require: ['uart/THR-FULL'] });
