import type { NetEvents } from '../../../virtio/net/events.ts';
import { scripts } from '../../script.proof.ts';
import type { CONFIGURATION } from './net.ts';
import { accept, watchNet } from './rig.proof.ts';

const LAST_OF_MAC = 5;
const PAIRS = 8;

export const NET_PROOFS = scripts<NetEvents, keyof typeof CONFIGURATION>(watchNet, {
  'virtio/CFG-D3': {
    breaks: (net) => net.configAccessed('legacy', PAIRS, 2, -1, false),
    keeps: (net) => net.configAccessed('legacy', LAST_OF_MAC, 1, -1, false),
  },
  'virtio/NET-CFG-D1': {
    breaks: (net) => {
      accept(net, 'VERSION_1');
      net.configWritten(LAST_OF_MAC, 7);
    },
    keeps: (net) => net.configWritten(LAST_OF_MAC, 7),
  },
});
