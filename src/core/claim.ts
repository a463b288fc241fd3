import type { Region } from './access.ts';

/** A region that is mapped. */
export interface Claim {
  readonly base: number;
  readonly region: Region;
}

/** The first region that has an address in common with `size` bytes from `base` on. */
export function claimWithin(claims: readonly Claim[], base: number, size: number): Region | null {
  const end = base + size;
  const found = claims.find((claim) => claim.base < end && base < claim.base + claim.region.size);
  return found?.region ?? null;
}
