import type { BitSet } from '../../../core/bit-set.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { acceptable, type Dependency, DUTIES } from '../../virtio/features.ts';

const F = NET_FEATURE;

/** What this driver can do something with. */
const KNOWN = {
  CSUM: F.CSUM,
  GUEST_CSUM: F.GUEST_CSUM,
  CTRL_GUEST_OFFLOADS: F.CTRL_GUEST_OFFLOADS,
  MTU: F.MTU,
  MAC: F.MAC,
  GUEST_TSO4: F.GUEST_TSO4,
  GUEST_TSO6: F.GUEST_TSO6,
  HOST_TSO4: F.HOST_TSO4,
  HOST_TSO6: F.HOST_TSO6,
  HOST_ECN: F.HOST_ECN,
  MRG_RXBUF: F.MRG_RXBUF,
  STATUS: F.STATUS,
  CTRL_VQ: F.CTRL_VQ,
  MQ: F.MQ,
  GUEST_HDRLEN: F.GUEST_HDRLEN,
  ANY_LAYOUT: FEATURE.ANY_LAYOUT,
  INDIRECT_DESC: FEATURE.INDIRECT_DESC,
  EVENT_IDX: FEATURE.EVENT_IDX,
  VERSION_1: FEATURE.VERSION_1,
  ACCESS_PLATFORM: FEATURE.ACCESS_PLATFORM,
  RING_PACKED: FEATURE.RING_PACKED,
  ORDER_PLATFORM: FEATURE.ORDER_PLATFORM,
  NOTIF_CONFIG_DATA: FEATURE.NOTIF_CONFIG_DATA,
} as const;

/** The name of a feature that the driver may take. */
export type NetFeatureName = keyof typeof KNOWN;

/**
 * Features that may be accepted only together with others (virtio 1.4, Network Device, Feature bit requirements).
 */
const DEPENDENCIES: readonly Dependency[] = [
  { feature: F.GUEST_TSO4, needs: [F.GUEST_CSUM] },
  { feature: F.GUEST_TSO6, needs: [F.GUEST_CSUM] },
  { feature: F.HOST_TSO4, needs: [F.CSUM] },
  { feature: F.HOST_TSO6, needs: [F.CSUM] },
  { feature: F.HOST_ECN, needs: [F.HOST_TSO4, F.HOST_TSO6] },
  { feature: F.MQ, needs: [F.CTRL_VQ] },
  { feature: F.CTRL_GUEST_OFFLOADS, needs: [F.CTRL_VQ] },
];

/**
 * What the driver accepts of an offer. `allowed` restricts it to those, and the ones that a driver should accept in
 * any case.
 */
export function acceptNetFeatures(offered: BitSet, allowed?: readonly NetFeatureName[]): BitSet {
  const known =
    allowed === undefined ? Object.values(KNOWN) : [...allowed.map((name) => KNOWN[name]), ...DUTIES];
  return acceptable(offered, known, DEPENDENCIES);
}

/** Names of the features accepted, in the order of their bits. */
export function netFeatureNames(features: BitSet): NetFeatureName[] {
  return (Object.keys(KNOWN) as NetFeatureName[])
    .filter((name) => features.has(KNOWN[name]))
    .sort((a, b) => KNOWN[a] - KNOWN[b]);
}
