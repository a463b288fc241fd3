import type { MmioSpace } from '../../core/address-space.ts';
import type { Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { GuestMemory } from '../../core/memory.ts';

const MEGABYTE = 0x10_0000;
/** Below this, a host bridge has only RAM. */
const CONVENTIONAL = 0xa_0000;
/** This much empty memory is skipped at once, up to a multiple of it. */
const EMPTY = 0x1000;
/** Addresses from here on are beyond any processor's, and unused. */
const TOP = 2 ** 52;

/**
 * Memory as a CPU reaches it: RAM if the host bridge gives it, devices elsewhere, byte ranges of both in one call. All of
 * it goes through the guest's port, where it is watched.
 */
export class BusMemory {
  private readonly port: GuestPort;
  private readonly ram: GuestMemory;
  private readonly devices: MmioSpace;

  constructor(port: GuestPort, ram: GuestMemory, devices: MmioSpace) {
    this.port = port;
    this.ram = ram;
    this.devices = devices;
  }

  load(address: number, width: Width): number {
    return address + width <= TOP ? this.port.read(address, width) >>> 0 : 2 ** (8 * width) - 1;
  }

  store(address: number, value: number, width: Width): void {
    if (address + width <= TOP) this.port.write(address, value, width);
  }

  read(address: number, into: Uint8Array): void {
    for (let at = 0; at < into.length; ) {
      const length = this.ramFrom(address + at, into.length - at);
      if (length > 0) {
        this.port.memory.read(address + at, into.subarray(at, at + length));
        at += length;
        continue;
      }
      const width = widthAt(address + at, into.length - at);
      const value = this.load(address + at, width);
      for (let i = 0; i < width; i++) into[at + i] = value >>> (8 * i);
      at += width;
      const empty = this.emptyFrom(address + at, into.length - at);
      into.fill(0xff, at, at + empty);
      at += empty;
    }
  }

  write(address: number, from: Uint8Array): void {
    for (let at = 0; at < from.length; ) {
      const length = this.ramFrom(address + at, from.length - at);
      if (length > 0) {
        this.port.memory.write(address + at, from.subarray(at, at + length));
        at += length;
        continue;
      }
      const width = widthAt(address + at, from.length - at);
      let value = 0;
      for (let i = 0; i < width; i++) value |= from[at + i]! << (8 * i);
      this.store(address + at, value >>> 0, width);
      at += width;
      at += this.emptyFrom(address + at, from.length - at);
    }
  }

  /**
   * How many bytes from `address` on are neither RAM nor a device's. An access before them was seen, and stands for all.
   */
  private emptyFrom(address: number, length: number): number {
    const end = address + length;
    let to = address;
    while (to < end) {
      const next = Math.min(end, (Math.floor(to / EMPTY) + 1) * EMPTY);
      if (this.ramMeets(to, next) || this.devices.within(to, next - to) !== null) break;
      to = next;
    }
    return to - address;
  }

  private ramMeets(from: number, to: number): boolean {
    return this.ram.ranges.some(({ base, size }) => from < base + size && base < to);
  }

  /** How many bytes from `address` on are RAM regardless of the host bridge, at most `length`. */
  private ramFrom(address: number, length: number): number {
    for (const { base, size } of this.ram.ranges) {
      if (address < base || address >= base + size) continue;
      const end = Math.min(base + size, address + length);
      if (address >= MEGABYTE) return end - address;
      return Math.max(0, Math.min(end, CONVENTIONAL) - address);
    }
    return 0;
  }
}

/** The pieces of a CPU's access: as wide as alignment and the remaining length allow. */
function widthAt(address: number, length: number): Width {
  if (address % 4 === 0 && length >= 4) return 4;
  return address % 2 === 0 && length >= 2 ? 2 : 1;
}
