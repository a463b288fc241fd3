import { gceN1 } from '../../machine/gce-n1.ts';
import { RING_SCENARIOS } from './rings.ts';
import type { Scenario } from './scenario.ts';
import { SERIAL_SCENARIOS } from './serial.ts';

export { play, type Scenario } from './scenario.ts';

/** Each with the machine that a Compute Engine guest meets, unless it says otherwise. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'a machine that its firmware set up', machine: () => gceN1({ nics: [{ backend: 'loopback' }] }) },
  ...SERIAL_SCENARIOS,
  ...RING_SCENARIOS,
];
