import { type Access, describe, type Region, type Tap } from './access.ts';
import { allOnes, type Width } from './bits.ts';

/** Splits and routes accesses; what port space and MMIO space have in common. */
export abstract class AddressSpace {
  /** Sees every access with the guest's width. Compose two taps into one if you need both. */
  tap: Tap | null = null;
  /** Called for every access to an address where no region answers. */
  onNobody: ((address: number) => void) | null = null;
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
    if (region === null) this.onNobody?.(address);
    if (tap === null || access === null) return this.load(region, offset, address, width);
    access.value = this.load(region, offset, address, width);
    tap.end(access);
    return access.value;
  }

  write(address: number, value: number, width: Width): void {
    const region = this.route(address);
    const { offset, tap } = this;
    const access = tap === null ? null : this.begin(tap, region, offset, address, width, value, true);
    if (region === null) this.onNobody?.(address);
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
