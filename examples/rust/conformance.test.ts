import { conformance } from 'guestrig/vitest';
import { uart } from './driver.js';

/** RAM is moved into the driver's memory on each machine: as much as it needs. */
const machine = { memory: { below4G: 16 << 20 } };

conformance(uart.model(), { machine, require: ['uart/THR-FULL'] });
