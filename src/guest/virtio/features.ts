import { FEATURE } from '../../virtio/registers.ts';

/** Device-independent features that the drivers here understand. ANY_LAYOUT must be taken when it is offered. */
export const TRANSPORT_FEATURES = [FEATURE.ANY_LAYOUT, FEATURE.INDIRECT_DESC, FEATURE.EVENT_IDX] as const;

/** `feature` may be accepted only together with one of `needs` (bit numbers). */
export interface Dependency {
  readonly feature: number;
  readonly needs: readonly number[];
}

/** Is bit `feature` set in the features word of a legacy device? */
export function has(features: number, feature: number): boolean {
  return ((features >>> feature) & 1) !== 0;
}

/**
 * What a driver accepts: what the device offers and the driver knows, less every feature whose prerequisite is
 * missing. Bits the driver does not know are left alone, not feared.
 */
export function acceptable(
  offered: number,
  known: readonly number[],
  dependencies: readonly Dependency[] = [],
): number {
  let accepted = known.reduce((mask, feature) => mask | (offered & (1 << feature)), 0) >>> 0;
  let before: number;
  do {
    before = accepted;
    for (const { feature, needs } of dependencies)
      if (!needs.some((need) => has(accepted, need))) accepted = (accepted & ~(1 << feature)) >>> 0;
  } while (accepted !== before);
  return accepted;
}
