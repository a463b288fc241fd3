import { FEATURE } from '../../virtio/registers.ts';

/** Device-independent features that the standard says a driver must or should accept when they are offered. */
export const DUTIES = [
  FEATURE.ANY_LAYOUT,
  FEATURE.VERSION_1,
  FEATURE.ACCESS_PLATFORM,
  FEATURE.RING_PACKED,
  FEATURE.ORDER_PLATFORM,
  FEATURE.NOTIF_CONFIG_DATA,
] as const;
/** All device-independent features that the drivers here understand. */
export const TRANSPORT_FEATURES = [
  ...DUTIES,
  FEATURE.INDIRECT_DESC,
  FEATURE.EVENT_IDX,
  FEATURE.IN_ORDER,
  FEATURE.NOTIFICATION_DATA,
  FEATURE.RING_RESET,
] as const;

/** `feature` may be accepted only together with one of `needs` (bit numbers). */
export interface Dependency {
  readonly feature: number;
  readonly needs: readonly number[];
}

/** Is bit `feature` set? Bit n of `features` is worth 2 ** n, also beyond 31. */
export function has(features: number, feature: number): boolean {
  return Math.floor(features / 2 ** feature) % 2 === 1;
}

/**
 * What a driver accepts: what the device offers and the driver knows, less every feature whose prerequisite is
 * missing. An offer of bits the driver does not know is no error.
 */
export function acceptable(
  offered: number,
  known: readonly number[],
  dependencies: readonly Dependency[] = [],
): number {
  const accepted = new Set(known.filter((feature) => has(offered, feature)));
  let before: number;
  do {
    before = accepted.size;
    for (const { feature, needs } of dependencies)
      if (!needs.some((need) => accepted.has(need))) accepted.delete(feature);
  } while (accepted.size !== before);
  return [...accepted].reduce((sum, feature) => sum + 2 ** feature, 0);
}
