import { allOnes, type Gpa, type Nanos, type Width } from '../../src/core/bits.ts';
import type { DriverMemory, GuestPort } from '../../src/core/guest-port.ts';
import type { Random } from '../../src/core/random.ts';
import type { Wire } from '../run/wire.ts';
import { MutantMemory } from './mutant-memory.ts';
import type { Places } from './places.ts';
import { splice } from './splice.ts';
import { anyWidth, mutated } from './values.ts';

/** Probability that an access is changed, in units of 2^-32. */
export interface Rates {
  readonly access: number;
  readonly store: number;
}

/** Wraps the port of a correct driver: occasionally an access is changed, late, repeated or dropped. */
export class MutantPort implements GuestPort {
  readonly memory: DriverMemory;
  private readonly wire: Wire;
  private readonly random: Random;
  private readonly places: Places;
  private readonly rates: Rates;
  private late: (() => void) | null = null;

  constructor(wire: Wire, random: Random, places: Places, rates: Rates) {
    this.wire = wire;
    this.random = random;
    this.places = places;
    this.rates = rates;
    this.memory = new MutantMemory(wire, random, places, rates.store);
  }

  in(port: number, width: Width): number {
    if (!this.struck()) return this.wire.in(port, width);
    return this.lookOtherwise((w, off) => this.wire.in((port + off) & 0xffff, w), width);
  }

  read(address: Gpa, width: Width): number {
    if (!this.struck()) return this.wire.read(address, width);
    return this.lookOtherwise((w, off) => this.wire.read(Math.max(0, address + off), w), width);
  }

  out(port: number, value: number, width: Width): void {
    if (!this.struck()) this.wire.out(port, value, width);
    else
      this.actOtherwise(value, width, (v, w, elsewhere) =>
        this.wire.out(
          elsewhere === null ? port : elsewhere ? this.places.port() : (port + this.near()) & 0xffff,
          v,
          w,
        ),
      );
  }

  write(address: Gpa, value: number, width: Width): void {
    if (!this.struck()) this.wire.write(address, value, width);
    else
      this.actOtherwise(value, width, (v, w, elsewhere) =>
        this.wire.write(
          elsewhere === null ? address : elsewhere ? this.places.mmio() : Math.max(0, address + this.near()),
          v,
          w,
        ),
      );
  }

  allocate(bytes: number, align: number): Gpa {
    return this.wire.allocate(bytes, align);
  }

  release(at: Gpa): void {
    this.wire.release(at);
  }

  handle(vector: number, handler: () => void): void {
    this.wire.handle(vector, handler);
  }

  mask(): void {
    this.wire.mask();
  }

  unmask(): void {
    this.wire.unmask();
  }

  now(): Nanos {
    return this.wire.now();
  }

  wait(until: () => boolean, limit: Nanos): boolean {
    return this.wire.wait(until, limit);
  }

  private struck(): boolean {
    if (this.random.next() >= this.rates.access) return false;
    this.late?.();
    this.late = null;
    return true;
  }

  /** Moves the address by a few bytes. */
  private near(): number {
    return this.random.below(17) - 8;
  }

  /** @param get reads so many bytes, at this distance from the address. */
  private lookOtherwise(get: (width: Width, off: number) => number, width: Width): number {
    const { random } = this;
    switch (random.below(6)) {
      case 0:
        return mutated(random, get(width, 0), width);
      case 1:
        return get(anyWidth(random), 0) & allOnes(width);
      case 2:
        return get(width, this.near());
      case 3:
        get(width, 0);
        return get(width, 0);
      case 4:
        splice(this.wire, random);
        return get(width, 0);
      default:
        return mutated(random, 0, width);
    }
  }

  /** @param put writes; elsewhere if true, nearby if false, at the intended address if null. */
  private actOtherwise(
    value: number,
    width: Width,
    put: (value: number, width: Width, elsewhere: boolean | null) => void,
  ): void {
    const { random } = this;
    switch (random.below(9)) {
      case 0:
      case 1:
        put(mutated(random, value, width), width, null);
        break;
      case 2:
        put(value, anyWidth(random), null);
        break;
      case 3:
        put(value, width, false);
        break;
      case 4:
        put(value, width, true);
        put(value, width, null);
        break;
      case 5:
        for (let times = 2 + random.below(7); times > 0; times--) put(value, width, null);
        break;
      case 6:
        // It is performed after the next ones.
        this.late = () => put(value, width, null);
        break;
      case 7:
        put(value, width, null);
        splice(this.wire, random);
        break;
      default:
    }
  }
}
