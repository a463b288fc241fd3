import type { Gpa, Width } from './bits.ts';

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
  /** From now on a guest loads and stores of which nobody tells. */
  lost(): void;
}
