import { allOnes, type Gpa, type Width } from '../core/bits.ts';
import type { DriverMemory } from '../core/guest-port.ts';
import type { GuestMemory } from '../core/memory.ts';
import type { Endian } from '../core/struct.ts';

/** Guest RAM as drivers of our machines see it. Outside RAM, loads are all ones and stores are lost. */
export class RamAccess implements DriverMemory {
  readonly endian: Endian;
  private readonly ram: GuestMemory;
  private readonly little: boolean;

  constructor(ram: GuestMemory, endian: Endian = 'le') {
    this.ram = ram;
    this.endian = endian;
    this.little = endian === 'le';
  }

  load(address: Gpa, width: Width): number {
    const range = this.ram.find(address, width);
    if (range === null) return allOnes(width);
    const at = address - range.base;
    if (width === 1) return range.bytes[at]!;
    return width === 2 ? range.view.getUint16(at, this.little) : range.view.getUint32(at, this.little);
  }

  store(address: Gpa, value: number, width: Width): void {
    const range = this.ram.find(address, width);
    if (range === null) return;
    const at = address - range.base;
    if (width === 1) range.bytes[at] = value;
    else if (width === 2) range.view.setUint16(at, value, this.little);
    else range.view.setUint32(at, value, this.little);
  }

  read(address: Gpa, into: Uint8Array): void {
    const from = this.ram.slice(address, into.length);
    if (from === null) into.fill(0xff);
    else into.set(from);
  }

  write(address: Gpa, from: Uint8Array): void {
    this.ram.slice(address, from.length)?.set(from);
  }

  fill(address: Gpa, value: number, length: number): void {
    this.ram.slice(address, length)?.fill(value);
  }

  /** One thread runs guest and devices, in program order. */
  fence(): void {}
}
