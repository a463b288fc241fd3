import type { Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { GuestMemory } from '../../core/memory.ts';

const MEGABYTE = 0x10_0000;
/** Below, no host bridge has anything but RAM. */
const CONVENTIONAL = 0xa_0000;
/** Addresses from here on are beyond any processor's, and nobody's. */
const TOP = 2 ** 52;

/**
 * Memory as a CPU reaches it: RAM where the host bridge gives it, devices elsewhere, byte ranges of both in one go. All of it
 * goes through the guest's port, where it is watched.
 */
export class BusMemory {
  private readonly port: GuestPort;
  private readonly ram: GuestMemory;

  constructor(port: GuestPort, ram: GuestMemory) {
    this.port = port;
    this.ram = ram;
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
    }
  }

  /** How many bytes from `address` on are RAM whatever the host bridge says, at most `length`. */
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

/** What a CPU's access is cut into: as wide as alignment and the rest allow. */
function widthAt(address: number, length: number): Width {
  if (address % 4 === 0 && length >= 4) return 4;
  return address % 2 === 0 && length >= 2 ? 2 : 1;
}
