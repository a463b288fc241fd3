import type { Gpa, Width } from './bits.ts';

/**
 * What is told of a guest whose accesses go past `DriverMemory`: its loads and stores, its stores, or nothing but that it
 * may have changed something since the last look.
 */
export type Sight = 'accesses' | 'stores' | 'changes';

/**
 * Sees every access of a driver to guest RAM, in order. Integers are as the driver means them, in the guest's byte
 * order.
 */
export interface MemoryTap {
  loaded(address: Gpa, width: Width, value: number): void;
  /** It is done; `before` is what stood there. */
  stored(address: Gpa, width: Width, value: number, before: number): void;
  /** Bytes were copied out. */
  read(address: Gpa, length: number): void;
  /** Bytes are about to be copied in: RAM still holds what was there. */
  writing(address: Gpa, from: Uint8Array): void;
  /** The same of one byte, `length` times. */
  filling(address: Gpa, value: number, length: number): void;
  /** What was announced last is done. */
  wrote(): void;
  /** An access of which a byte is not RAM: nothing was stored, and what was loaded is all ones. */
  missed(address: Gpa, length: number, write: boolean): void;
  /** So many bytes go back to whoever gave them out. */
  released(address: Gpa, length: number): void;
  /** From now on this much is told. */
  narrowed(sight: Sight): void;
  /** Before a device acts: what the guest changed is to be found out, `atAll` or as much of it as is quickly done. */
  look(atAll: boolean): void;
  /** A device may have taken something: the guest goes on, which may change it. */
  goesOn(): void;
}
