import type { Region } from './access.ts';
import { AddressSpace } from './address-space.ts';
import { type Claim, claimWithin } from './claim.ts';
import { MisuseError } from './misuse.ts';

const PORTS = 0x1_0000;
/** Ports a page. Most pages are empty, and all machines share that one: 65,536 slots are half a megabyte. */
const PAGE = 0x100;
type Page = (PortClaim | null)[];
const EMPTY: Page = Array.from({ length: PAGE }, () => null);

/**
 * How a port is decoded, strongest first: by a bridge itself (PIC, CONFADD), by a PCI function that claims it with
 * DEVSEL#, or by the ISA bus, which gets unclaimed cycles. A BAR moved over a UART hides it, as on a PC.
 */
type Decode = 'bridge' | 'positive' | 'subtractive';
const STRENGTH: Record<Decode, number> = { bridge: 2, positive: 1, subtractive: 0 };

interface PortClaim extends Claim {
  readonly strength: number;
}

/** The 65,536 I/O ports. Where no region answers, reads are all ones and writes are lost. */
export class PortSpace extends AddressSpace {
  private claims: readonly PortClaim[] = [];
  private readonly pages: Page[] = Array.from({ length: PORTS / PAGE }, () => EMPTY);

  constructor() {
    super('port');
  }

  /** Maps `region` at `base`; ports past 0xffff are cut off. */
  map(base: number, region: Region, decode: Decode): void {
    if (!Number.isInteger(base) || base < 0 || base >= PORTS)
      throw new MisuseError('port', base, 'a port, 0 to 65535');
    const claim = { base, region, strength: STRENGTH[decode] };
    this.claims = [...this.claims, claim];
    this.fillSlots(base, region.size);
  }

  unmap(base: number, region: Region): void {
    this.claims = this.claims.filter((claim) => claim.base !== base || claim.region !== region);
    this.fillSlots(base, region.size);
  }

  override within(base: number, size: number): Region | null {
    return claimWithin(this.claims, base, size);
  }

  protected override route(address: number): Region | null {
    const claim = this.pages[(address >>> 8) & 0xff]![address & 0xff]!;
    if (claim === null) return null;
    this.offset = (address & 0xffff) - claim.base;
    return claim.region;
  }

  private fillSlots(base: number, size: number): void {
    const end = Math.min(PORTS, base + size);
    const near = this.claims.filter((claim) => claim.base < end && claim.base + claim.region.size > base);
    for (let port = base; port < end; port++) {
      let best: PortClaim | null = null;
      for (const claim of near) {
        if (port < claim.base || port >= claim.base + claim.region.size) continue;
        if (best === null || claim.strength > best.strength) best = claim;
      }
      this.ownPage(port)[port % PAGE] = best;
    }
  }

  private ownPage(port: number): Page {
    const index = Math.floor(port / PAGE);
    if (this.pages[index] === EMPTY) this.pages[index] = [...EMPTY];
    return this.pages[index]!;
  }
}
