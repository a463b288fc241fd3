import type { Access, Region, Tap } from './access.ts';
import { allOnes, type Width } from './bits.ts';

/** Splits and routes accesses; what port space and MMIO space have in common. */
export abstract class AddressSpace {
  /** Sees every access with the guest's width. Who needs two taps composes them. */
  tap: Tap | null = null;
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

  /** Who answers `address`, and at which offset. The result is read at once from `region` and `offset`. */
  protected abstract route(address: number): Region | null;
  /** Offset of the address last routed. */
  protected offset = 0;

  /** A read as the guest does it: tapped once, then split as the bus splits it. */
  read(address: number, width: Width): number {
    const tap = this.tap;
    if (tap === null) return this.load(address, width);
    const access = this.begin(tap, address, width, 0, false);
    access.value = this.load(address, width);
    tap.end(access);
    return access.value;
  }

  write(address: number, value: number, width: Width): void {
    const tap = this.tap;
    if (tap === null) {
      this.store(address, value, width);
      return;
    }
    const access = this.begin(tap, address, width, value, true);
    this.store(address, value, width);
    tap.end(access);
  }

  private begin(tap: Tap, address: number, width: number, value: number, write: boolean): Access {
    const access = this.access;
    access.region = this.route(address);
    access.offset = this.offset;
    access.context = access.region?.context?.() ?? 0;
    access.address = address;
    access.width = width;
    access.value = value;
    access.write = write;
    tap.begin(access);
    return access;
  }

  private load(address: number, width: Width): number {
    const region = this.route(address);
    const offset = this.offset;
    if (this.takesWhole(region, offset, address, width))
      return region === null ? allOnes(width) : (region.read(offset, width) & allOnes(width)) >>> 0;
    const half = (width >> 1) as Width;
    const low = this.load(address, half);
    return (low | (this.load(address + half, half) << (half * 8))) >>> 0;
  }

  private store(address: number, value: number, width: Width): void {
    const region = this.route(address);
    const offset = this.offset;
    if (this.takesWhole(region, offset, address, width)) {
      region?.write(offset, (value & allOnes(width)) >>> 0, width);
      return;
    }
    const half = (width >> 1) as Width;
    this.store(address, value & allOnes(half), half);
    this.store(address + half, value >>> (half * 8), half);
  }

  /** A byte always does; more only if aligned, inside one region, and the region takes that width. */
  private takesWhole(region: Region | null, offset: number, address: number, width: Width): boolean {
    if (width === 1) return true;
    if (address % width !== 0 || region === null) return false;
    return ((region.widths ?? 7) & width) !== 0 && offset + width <= region.size;
  }
}
