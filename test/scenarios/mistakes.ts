import { BROKEN_DRIVERS } from '../../src/conformance/index.ts';
import { DISK_MISTAKES } from './disk-mistakes.ts';
import { FEATURE_MISTAKES } from './feature-mistakes.ts';
import { NIC_MISTAKES } from './nic-mistakes.ts';
import type { Mistaken } from './rig.ts';
import { TRANSPORT_MISTAKES } from './transport-mistakes.ts';

/** For each scenario a driver that passes everywhere else. */
export const MISTAKES: readonly Mistaken[] = [
  ...TRANSPORT_MISTAKES,
  ...NIC_MISTAKES,
  ...DISK_MISTAKES,
  ...FEATURE_MISTAKES,
  {
    scenario: 'a balloon that is filled and emptied, and an entropy device',
    model: BROKEN_DRIVERS.find(({ clause }) => clause === 'virtio/RNG-OP-D1')!.model,
  },
];
