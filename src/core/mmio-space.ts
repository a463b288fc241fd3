import type { Region } from './access.ts';
import { AddressSpace } from './address-space.ts';
import type { Gpa } from './bits.ts';
import { type Claim, claimWithin } from './claim.ts';

/**
 * Memory addresses that are not RAM. The first to be mapped wins where two overlap. The guest's port asks RAM
 * first, so a BAR placed over RAM stays unseen, as behind a host bridge.
 */
export class MmioSpace extends AddressSpace {
  private claims: readonly Claim[] = [];
  private last: Claim | null = null;

  constructor() {
    super('memory');
  }

  map(base: Gpa, region: Region): void {
    this.claims = [...this.claims, { base, region }];
    this.last = null;
  }

  unmap(base: Gpa, region: Region): void {
    this.claims = this.claims.filter((claim) => claim.base !== base || claim.region !== region);
    this.last = null;
  }

  override within(base: Gpa, size: number): Region | null {
    return claimWithin(this.claims, base, size);
  }

  protected override route(address: Gpa): Region | null {
    const claim = this.claimAt(address);
    if (claim === null) return null;
    this.offset = address - claim.base;
    return claim.region;
  }

  private claimAt(address: Gpa): Claim | null {
    // With overlaps the last hit need not be the first mapped, so it is a shortcut only while it is alone.
    const last = this.last;
    if (last !== null && address >= last.base && address - last.base < last.region.size) return last;
    for (const claim of this.claims) {
      if (address < claim.base || address - claim.base >= claim.region.size) continue;
      this.last = this.overlapped(claim) ? null : claim;
      return claim;
    }
    return null;
  }

  private overlapped(one: Claim): boolean {
    return this.claims.some(
      (other) =>
        other !== one && other.base < one.base + one.region.size && one.base < other.base + other.region.size,
    );
  }
}
