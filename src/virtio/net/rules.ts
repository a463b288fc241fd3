import type { ClauseId } from '../../core/clause.ts';
import type { FeatureRule } from '../features/offers.ts';
import { NET_FEATURE as F } from './registers.ts';

/** Which features rest on which (virtio 1.4, Network Device / Feature bit requirements). */
export const NET_FEATURE_RULES: readonly FeatureRule<ClauseId>[] = [
  { clause: 'virtio/NET-FEAT-D1', bit: F.GUEST_TSO4, needs: [F.GUEST_CSUM] },
  { clause: 'virtio/NET-FEAT-D2', bit: F.GUEST_TSO6, needs: [F.GUEST_CSUM] },
  { clause: 'virtio/NET-FEAT-D3', bit: F.GUEST_ECN, needs: [F.GUEST_TSO4, F.GUEST_TSO6] },
  { clause: 'virtio/NET-FEAT-D4', bit: F.GUEST_UFO, needs: [F.GUEST_CSUM] },
  { clause: 'virtio/NET-FEAT-D9', bit: F.HOST_TSO4, needs: [F.CSUM] },
  { clause: 'virtio/NET-FEAT-D10', bit: F.HOST_TSO6, needs: [F.CSUM] },
  { clause: 'virtio/NET-FEAT-D11', bit: F.HOST_ECN, needs: [F.HOST_TSO4, F.HOST_TSO6] },
  { clause: 'virtio/NET-FEAT-D12', bit: F.HOST_UFO, needs: [F.CSUM] },
  { clause: 'virtio/NET-FEAT-D16', bit: F.CTRL_RX, needs: [F.CTRL_VQ] },
  { clause: 'virtio/NET-FEAT-D17', bit: F.CTRL_VLAN, needs: [F.CTRL_VQ] },
  { clause: 'virtio/NET-FEAT-D18', bit: F.GUEST_ANNOUNCE, needs: [F.CTRL_VQ] },
  { clause: 'virtio/NET-FEAT-D19', bit: F.MQ, needs: [F.CTRL_VQ] },
  { clause: 'virtio/NET-FEAT-D20', bit: F.CTRL_MAC_ADDR, needs: [F.CTRL_VQ] },
];
