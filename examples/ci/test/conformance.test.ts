import { conformance } from 'guestrig/vitest';
import model from './model.js';

conformance(model, {
  seeds: [1, 2, 3],
  // What this driver is to come by: the test fails if it does not, and is not skipped.
  require: ['virtio/INIT-D1', 'virtio/INIT-D13', 'virtio/VQ-BARRIER-D1', 'virtio/NET-RXB-D2'],
});
