import { BitSet } from '../../core/bit-set.ts';
import { checkMethods } from '../../core/checks.ts';
import { FEATURE } from '../../virtio/registers.ts';

/** Device-independent features that a driver must or should accept by the standard, if offered. */
export const DUTIES = [
  FEATURE.ANY_LAYOUT,
  FEATURE.VERSION_1,
  FEATURE.ACCESS_PLATFORM,
  FEATURE.RING_PACKED,
  FEATURE.ORDER_PLATFORM,
  FEATURE.NOTIF_CONFIG_DATA,
] as const;
/** All device-independent features that the drivers here support. */
export const TRANSPORT_FEATURES = [
  ...DUTIES,
  FEATURE.INDIRECT_DESC,
  FEATURE.EVENT_IDX,
  FEATURE.IN_ORDER,
  FEATURE.NOTIFICATION_DATA,
  FEATURE.RING_RESET,
  FEATURE.SUSPEND,
] as const;

/** `feature` may be accepted only together with one of `needs` (bit numbers). */
export interface Dependency {
  readonly feature: number;
  readonly needs: readonly number[];
}

/** Features are a set, not a number: a double does not hold 64 bits. */
export function checkFeatures(path: string, given: BitSet): void {
  checkMethods(path, given, ['has'], 'a set of bits (example BitSet.of([29, 32]))');
}

/**
 * The features that a driver accepts: those that the device offers and the driver supports, without any whose
 * prerequisite is missing. Offered bits unknown to the driver are no error.
 */
export function acceptable(
  offered: BitSet,
  known: readonly number[],
  dependencies: readonly Dependency[] = [],
): BitSet {
  const accepted = new Set(known.filter((feature) => offered.has(feature)));
  let before: number;
  do {
    before = accepted.size;
    for (const { feature, needs } of dependencies)
      if (!needs.some((need) => accepted.has(need))) accepted.delete(feature);
  } while (accepted.size !== before);
  return BitSet.of(accepted);
}
