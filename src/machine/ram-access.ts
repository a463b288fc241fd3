import { allOnes, type Gpa, type Width } from '../core/bits.ts';
import { checkBytes } from '../core/checks.ts';
import type { DriverMemory } from '../core/guest-port.ts';
import type { GuestMemory, RamRange } from '../core/memory.ts';
import type { MemoryTap, Sight } from '../core/memory-tap.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Endian } from '../core/struct.ts';
import type { Patience } from './patience.ts';

/**
 * Guest RAM as drivers of our machines see it. Outside RAM, loads are all ones and stores are lost, and the tap is
 * notified.
 *
 * @throws MisuseError from every method, for an invalid address, width, number or Uint8Array.
 */
export class RamAccess implements DriverMemory {
  readonly endian: Endian;
  /** Notified of every access; null is no tap. */
  tap: MemoryTap | null = null;
  /** The tap to notify that a guest runs whose accesses it does not see in full; null is none. */
  behind: MemoryTap | null = null;
  private readonly ram: GuestMemory;
  private readonly patience: Patience | null;
  private readonly little: boolean;

  constructor(ram: GuestMemory, endian: Endian = 'le', patience: Patience | null = null) {
    this.ram = ram;
    this.patience = patience;
    this.endian = endian;
    this.little = endian === 'le';
  }

  /** RAM itself, for a host whose guest bypasses this class: the tap is no longer notified of stores. @internal */
  direct(): GuestMemory {
    const ram = this.shared('changes');
    this.tap = null;
    return ram;
  }

  /** RAM itself, for a host that notifies the tap of as much of its guest's accesses as `sight` says. @internal */
  shared(sight: Sight): GuestMemory {
    this.behind ??= this.tap;
    this.behind?.narrowed(sight);
    this.patience?.seesNoStores();
    return this.ram;
  }

  load(address: Gpa, width: Width): number {
    checkAddress(address);
    checkWidth(width);
    const range = this.ram.find(address, width);
    if (range === null) this.missed(address, width, false);
    const value = range === null ? allOnes(width) : this.loadFrom(range, address, width);
    this.patience?.load(address, value, width);
    return value;
  }

  store(address: Gpa, value: number, width: Width): void {
    checkAddress(address);
    checkWidth(width);
    checkValue(value);
    const range = this.ram.find(address, width);
    if (range === null) this.missed(address, width, true);
    else this.storeTo(range, address, value, width);
    this.patience?.write(address, value, width);
  }

  /** As `load`, for a caller that knows that all arguments are valid, and which range it is. */
  loadFrom(range: RamRange, address: Gpa, width: Width): number {
    const value = this.get(range, address - range.base, width);
    if (this.tap !== null) this.tap.loaded(address, width, value);
    return value;
  }

  /** As `store`, likewise. */
  storeTo(range: RamRange, address: Gpa, value: number, width: Width): void {
    const at = address - range.base;
    if (this.tap === null) this.put(range, at, value, width);
    else {
      const before = this.get(range, at, width);
      this.put(range, at, value, width);
      // As many bits as were stored.
      const stored = width === 4 ? value >>> 0 : value & allOnes(width);
      this.tap.stored(address, width, stored, before);
    }
  }

  read(address: Gpa, into: Uint8Array): void {
    checkAddress(address);
    checkBytes('into', into);
    const from = this.ram.slice(address, into.length);
    if (from === null) {
      this.missed(address, into.length, false);
      into.fill(0xff);
    } else {
      into.set(from);
      this.tap?.read(address, into.length);
    }
    // A driver that polls looks at the first byte, or at all of them.
    if (into.length > 0) this.patience?.load(address, into[0]!, 1);
  }

  write(address: Gpa, from: Uint8Array): void {
    checkAddress(address);
    checkBytes('from', from);
    const into = this.ram.slice(address, from.length);
    if (into === null) this.missed(address, from.length, true);
    else {
      this.tap?.writing(address, from);
      into.set(from);
      this.tap?.wrote();
      this.patience?.progress();
    }
  }

  fill(address: Gpa, value: number, length: number): void {
    checkAddress(address);
    checkValue(value);
    checkLength(length);
    const into = this.ram.slice(address, length);
    if (into === null) this.missed(address, length, true);
    else {
      this.tap?.filling(address, value, length);
      into.fill(value);
      this.tap?.wrote();
      this.patience?.progress();
    }
  }

  /** One thread runs guest and devices, in program order. */
  fence(): void {}

  /** An access of no bytes misses nothing. */
  private missed(address: Gpa, length: number, write: boolean): void {
    if (length > 0) this.tap?.missed(address, length, write);
  }

  private get(range: RamRange, at: number, width: Width): number {
    if (width === 1) return range.bytes[at]!;
    return width === 2 ? range.view.getUint16(at, this.little) : range.view.getUint32(at, this.little);
  }

  private put(range: RamRange, at: number, value: number, width: Width): void {
    if (width === 1) range.bytes[at] = value;
    else if (width === 2) range.view.setUint16(at, value, this.little);
    else range.view.setUint32(at, value, this.little);
  }
}

// Called at every access. The error paths are separate functions: V8 inlines short functions.

export function checkWidth(width: Width): void {
  if (width !== 1 && width !== 2 && width !== 4) refuse('width', width, '1, 2 or 4 bytes');
}

export function checkPort(port: number): void {
  if (typeof port !== 'number' || (port & 0xffff) !== port) refuse('port', port, 'from 0 to 65535');
}

/** Whether or not any device answers there. */
export function checkAddress(address: Gpa): void {
  if (typeof address !== 'number' || address >>> 0 !== address) checkLarge(address);
}

/** Of a wider value, only the access's own bits count: -1 is all ones. */
export function checkValue(value: number): void {
  if (typeof value !== 'number' || value >>> 0 !== value) checkWhole(value);
}

function checkLarge(address: Gpa): void {
  if (!(Number.isSafeInteger(address) && address >= 0))
    refuse('address', address, 'a guest physical address');
}

function checkWhole(value: number): void {
  if (!Number.isInteger(value)) refuse('value', value, 'a whole number');
}

function refuse(path: string, value: unknown, expected: string): never {
  throw new MisuseError(path, value, expected);
}

function checkLength(length: number): void {
  if (!(Number.isSafeInteger(length) && length >= 0)) refuse('length', length, 'a number of bytes from 0');
}

/** The error of a call that a closed machine refuses. */
export function closedError(path: string): MisuseError {
  return new MisuseError(path, 'closed', '', 'the machine is closed');
}
