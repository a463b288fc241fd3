import type { Gpa, Width } from '../../src/core/bits.ts';
import type { DriverMemory } from '../../src/core/guest-port.ts';
import type { Random } from '../../src/core/random.ts';
import type { Endian } from '../../src/core/struct.ts';
import type { Wire } from '../run/wire.ts';
import type { Places } from './places.ts';
import { anyWidth, mutated } from './values.ts';

const BYTES_CHANGED = 4;

/** A driver's memory with occasional mutations: ring fields, descriptors, headers, CDBs, any store. */
export class MutantMemory implements DriverMemory {
  readonly endian: Endian;
  private readonly inner: DriverMemory;
  private readonly random: Random;
  private readonly places: Places;
  private readonly rate: number;

  constructor({ memory }: Wire, random: Random, places: Places, rate: number) {
    this.endian = memory.endian ?? 'le';
    this.inner = memory;
    this.random = random;
    this.places = places;
    this.rate = rate;
  }

  load(address: Gpa, width: Width): number {
    const value = this.inner.load(address, width);
    return this.struck() ? mutated(this.random, value, width) : value;
  }

  store(address: Gpa, value: number, width: Width): void {
    const { inner, random } = this;
    if (!this.struck()) {
      inner.store(address, value, width);
      return;
    }
    switch (random.below(8)) {
      case 0:
        break;
      case 1:
        inner.store(address, value, anyWidth(random));
        break;
      case 2:
        inner.store(Math.max(0, address + width * (random.below(9) - 4)), value, width);
        break;
      case 3:
        inner.store(address, this.places.ram(), width);
        break;
      default:
        inner.store(address, mutated(random, value, width), width);
    }
  }

  read(address: Gpa, into: Uint8Array): void {
    this.inner.read(address, into);
    if (this.struck()) this.change(into);
  }

  write(address: Gpa, from: Uint8Array): void {
    if (!this.struck()) {
      this.inner.write(address, from);
      return;
    }
    const changed = from.slice();
    this.change(changed);
    this.inner.write(address, changed);
  }

  fill(address: Gpa, value: number, length: number): void {
    if (this.struck()) value = this.random.below(256);
    this.inner.fill(address, value, length);
  }

  fence(): void {
    this.inner.fence();
  }

  private struck(): boolean {
    return this.random.next() < this.rate;
  }

  private change(bytes: Uint8Array): void {
    const { random } = this;
    if (bytes.length === 0) return;
    for (let times = 1 + random.below(BYTES_CHANGED); times > 0; times--) {
      // The first bytes are usually headers.
      const at = random.below(random.below(2) === 0 ? bytes.length : Math.min(32, bytes.length));
      bytes[at] = mutated(random, bytes[at]!, 1);
    }
  }
}
