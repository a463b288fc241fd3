import { type Access, describe, type Region, type Tap } from './access.ts';
import { allOnes, type Gpa, type Width } from './bits.ts';
import { MisuseError } from './misuse.ts';

/** Splits and routes accesses; what port space and MMIO space have in common. */
abstract class AddressSpace {
  /** Sees every access with the guest's width. Compose two taps into one if you need both. */
  tap: Tap | null = null;
  /** Called for every access to an address where no region answers, with what is written there; -1 is a read. */
  onNobody: ((address: number, written: number) => void) | null = null;
  private readonly access: Access;

  constructor(space: 'port' | 'memory') {
    this.access = {
      space,
      write: false,
      address: 0,
      width: 1,
      value: 0,
      region: null,
      offset: 0,
      context: 0,
    };
  }

  /** The region that answers `address`, and its offset in `offset`. The result is used at once. */
  protected abstract route(address: number): Region | null;
  /** Offset of the address last routed. */
  protected offset = 0;

  /** A read as the guest does it: tapped once, then split as the bus splits it. */
  read(address: number, width: Width): number {
    const region = this.route(address);
    const { offset, tap } = this;
    const access = tap === null ? null : this.begin(tap, region, offset, address, width, 0, false);
    // Behind the tap, which keeps the access as evidence of what is found now.
    if (region === null) this.onNobody?.(address, -1);
    if (tap === null || access === null) return this.load(region, offset, address, width);
    access.value = this.load(region, offset, address, width);
    tap.end(access);
    return access.value;
  }

  write(address: number, value: number, width: Width): void {
    const region = this.route(address);
    const { offset, tap } = this;
    const access = tap === null ? null : this.begin(tap, region, offset, address, width, value, true);
    if (region === null) this.onNobody?.(address, value);
    this.store(region, offset, address, value, width);
    if (tap !== null && access !== null) tap.end(access);
  }

  /** The region that answers within `size` bytes from `base` on; null if none does. */
  abstract within(base: number, size: number): Region | null;

  /** Describes an access without making it. */
  describe(address: number, width: number, value: number, write: boolean): string {
    const region = this.route(address);
    return describe({ region, offset: this.offset, width, value, write, context: region?.context?.() ?? 0 });
  }

  private begin(
    tap: Tap,
    region: Region | null,
    offset: number,
    address: number,
    width: number,
    value: number,
    write: boolean,
  ): Access {
    const access = this.access;
    access.region = region;
    access.offset = offset;
    access.context = region?.context?.() ?? 0;
    access.address = address;
    access.width = width;
    access.value = value;
    access.write = write;
    tap.begin(access);
    return access;
  }

  /** @param offset of `address` in the region that answers it. */
  private load(region: Region | null, offset: number, address: number, width: Width): number {
    if (this.takesWhole(region, offset, address, width))
      return region === null ? allOnes(width) : (region.read(offset, width) & allOnes(width)) >>> 0;
    const half = (width >> 1) as Width;
    const low = this.load(region, offset, address, half);
    const above = this.route(address + half);
    return (low | (this.load(above, this.offset, address + half, half) << (half * 8))) >>> 0;
  }

  private store(region: Region | null, offset: number, address: number, value: number, width: Width): void {
    if (this.takesWhole(region, offset, address, width)) {
      region?.write(offset, (value & allOnes(width)) >>> 0, width);
      return;
    }
    const half = (width >> 1) as Width;
    this.store(region, offset, address, value & allOnes(half), half);
    // Routed only now: writing the lower half may have moved the region.
    const above = this.route(address + half);
    this.store(above, this.offset, address + half, value >>> (half * 8), half);
  }

  /** A byte always is; more only if aligned, inside one region, and the region takes that width. */
  private takesWhole(region: Region | null, offset: number, address: number, width: Width): boolean {
    if (width === 1) return true;
    if (address % width !== 0 || region === null) return false;
    return ((region.widths ?? 7) & width) !== 0 && offset + width <= region.size;
  }
}

/** A region that is mapped. */
interface Claim {
  readonly base: number;
  readonly region: Region;
}

/** The first region that has an address in common with `size` bytes from `base` on. */
function claimWithin(claims: readonly Claim[], base: number, size: number): Region | null {
  const end = base + size;
  const found = claims.find((claim) => claim.base < end && base < claim.base + claim.region.size);
  return found?.region ?? null;
}

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
      throw new MisuseError('port', base, 'from 0 to 65535');
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
