// SPDX-License-Identifier: MIT-0
import { conformance } from 'guestrig/vitest';
import model from './model.js';

conformance(model, {
  seeds: [1, 2, 3],
  // What is known to be wrong, for these tests and for the command.
  baseline: new URL('../known.json', import.meta.url),
  // Clauses that this driver must reach: their tests fail if it does not, and are not skipped.
  require: ['virtio/INIT-D1', 'virtio/INIT-D13', 'virtio/VQ-BARRIER-D1', 'virtio/NET-RXB-D2'],
});
