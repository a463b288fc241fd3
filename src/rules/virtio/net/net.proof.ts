import type { NetEvents } from '../../../virtio/net/events.ts';
import { scripts } from '../../script.proof.ts';
import { ADMIN_PROOFS } from './admin/admin.proof.ts';
import { CHANGING_PROOFS } from './changing.proof.ts';
import { BIG_ENDIAN_PROOFS, CLAIM_PROOFS } from './claims/claims.proof.ts';
import { TUNNEL_PROOFS } from './claims/tunnels.proof.ts';
import { CONTROL_PROOFS } from './control.proof.ts';
import { DELIVERY_PROOFS } from './deliveries.proof.ts';
import { CHAIN_PROOFS } from './frames.proof.ts';
import type { CONFIGURATION } from './net.ts';
import { accept, watchNet } from './rig.proof.ts';
import { TRANSMIT_PROOFS } from './transmit.proof.ts';

const LAST_OF_MAC = 5;
const PAIRS = 8;

export const NET_PROOFS = {
  ...ADMIN_PROOFS,
  ...TRANSMIT_PROOFS,
  ...CLAIM_PROOFS,
  ...TUNNEL_PROOFS,
  ...BIG_ENDIAN_PROOFS,
  ...DELIVERY_PROOFS,
  ...CHAIN_PROOFS,
  ...CONTROL_PROOFS,
  ...CHANGING_PROOFS,
  ...scripts<NetEvents, keyof typeof CONFIGURATION>(watchNet, {
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
  }),
};
