import type { BitSet } from '../../../core/bit-set.ts';
import { NET_NEEDS } from '../../../virtio/net/dependency-registers.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { acceptable, type Dependency, DUTIES } from '../../virtio/features.ts';

const F = NET_FEATURE;
/** Exists only in drafts of the standard. */
const { GSO: _, ...NET } = NET_FEATURE;

/** Features that this driver can use or ignore. */
const KNOWN = {
  ...NET,
  ANY_LAYOUT: FEATURE.ANY_LAYOUT,
  INDIRECT_DESC: FEATURE.INDIRECT_DESC,
  EVENT_IDX: FEATURE.EVENT_IDX,
  VERSION_1: FEATURE.VERSION_1,
  ACCESS_PLATFORM: FEATURE.ACCESS_PLATFORM,
  RING_PACKED: FEATURE.RING_PACKED,
  ORDER_PLATFORM: FEATURE.ORDER_PLATFORM,
  NOTIF_CONFIG_DATA: FEATURE.NOTIF_CONFIG_DATA,
  ADMIN_VQ: FEATURE.ADMIN_VQ,
  SUSPEND: FEATURE.SUSPEND,
} as const;

/** The name of a feature that the driver may accept. */
export type NetFeatureName = keyof typeof KNOWN;

/** Features that may be accepted only together with others (virtio 1.4, Network Device, Feature bit requirements). */
const DEPENDENCIES: readonly Dependency[] = (
  Object.entries(NET_NEEDS) as [keyof typeof NET, readonly (readonly (keyof typeof NET)[])[]][]
).flatMap(([name, lists]) =>
  lists.map((others) => ({ feature: F[name], needs: others.map((other) => F[other]) })),
);

/**
 * The features that the driver accepts of an offer. `allowed` restricts it to those, and the ones that a driver should
 * always accept.
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
