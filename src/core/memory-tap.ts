import type { Gpa, Width } from './bits.ts';

/**
 * What is known of a guest whose accesses bypass `DriverMemory`: its loads and stores, its stores, or only that it
 * may have changed something since the last look.
 */
export type Sight = 'accesses' | 'stores' | 'changes';

/**
 * How the guest's stores to memory are known: each store is seen; memory that a device has is compared with its
 * earlier content, which shows changes but not their order; or not at all.
 */
export type StoreSight = 'stores' | 'compared' | 'none';

/**
 * Sees every access of a driver to guest RAM, in order. Integers are as the driver means them, in the guest's byte
 * order.
 */
export interface MemoryTap {
  loaded(address: Gpa, width: Width, value: number): void;
  /** The store is done; `before` is the old value. */
  stored(address: Gpa, width: Width, value: number, before: number): void;
  /** Bytes were copied out. */
  read(address: Gpa, length: number): void;
  /** Bytes are about to be copied in: RAM still holds what was there. */
  writing(address: Gpa, from: Uint8Array): void;
  /** As `writing`, for one byte `length` times. */
  filling(address: Gpa, value: number, length: number): void;
  /** The write announced last is done. */
  wrote(): void;
  /** An access with a byte outside RAM: nothing was stored, and a load gave all ones. */
  missed(address: Gpa, length: number, write: boolean): void;
  /** The driver was given so many bytes, all 0. */
  allocated(address: Gpa, length: number): void;
  /** So many bytes are freed by the driver. */
  released(address: Gpa, length: number): void;
  /** From now on only this much is reported. */
  narrowed(sight: Sight): void;
  /** Before a device acts: look for changes by the guest, all of them (`atAll`) or those that are quick to find. */
  look(atAll: boolean): void;
  /** A device may have taken something: the guest runs on, and may change it. */
  goesOn(): void;
}
