// SPDX-License-Identifier: MIT-0
import { conformance } from 'guestrig/vitest';
import { nic, uart } from './drivers.js';

/** RAM is moved into the driver's memory on each machine: as much as it needs. */
const machine = { memory: { below4G: 16 << 20 } };

/** Only a build that reports its loads and stores comes to these: see the Makefile. */
const TRACED = [
  'ram/OUTSIDE',
  'virtio/VQ-BARRIER-D1',
  'virtio/VQ-IMP-22',
  'virtio/VQ-IMP-23',
  'virtio/VQ-IMP-26',
  'virtio/VQ-IMP-28',
] as const;

conformance(nic.model(), {
  machine,
  require: ['virtio/INIT-D1', 'virtio/INIT-D13', 'virtio/NET-FRAME-LEG-D1', ...TRACED],
});

conformance(uart.model(), { machine, require: ['uart/THR-FULL'] });
