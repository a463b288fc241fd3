import { gceN1 } from '../../machine/gce-n1.ts';
import { BALLOON_SCENARIOS } from './balloon.ts';
import { GCE_SCENARIOS } from './gce.ts';
import { LENGTH_SCENARIOS } from './lengths.ts';
import { NET_SCENARIOS } from './net.ts';
import { PCI_SCENARIOS } from './pci.ts';
import { RING_SCENARIOS } from './rings.ts';
import type { Scenario } from './scenario.ts';
import { SCSI_SCENARIOS } from './scsi.ts';
import { SERIAL_SCENARIOS } from './serial.ts';
import { TIMER_SCENARIOS } from './timers.ts';
import { VIRTIO_SCENARIOS } from './virtio.ts';

export { play, type Scenario } from './scenario.ts';

/** Each with the machine that a Compute Engine guest meets, unless it says otherwise. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'a machine that its firmware set up', machine: () => gceN1({ nics: [{ backend: 'loopback' }] }) },
  ...PCI_SCENARIOS,
  ...SERIAL_SCENARIOS,
  ...TIMER_SCENARIOS,
  ...VIRTIO_SCENARIOS,
  ...RING_SCENARIOS,
  ...NET_SCENARIOS,
  ...LENGTH_SCENARIOS,
  ...GCE_SCENARIOS,
  ...SCSI_SCENARIOS,
  ...BALLOON_SCENARIOS,
  { name: 'an entropy device', machine: () => gceN1({ rng: true }) },
];
