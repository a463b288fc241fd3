import type { Gpa, Nanos } from '../core/bits.ts';

/** Told of what a guest does at its port that is no access. */
export interface PortTape {
  /** It has so many bytes more, which are zero. */
  given(address: Gpa, bytes: number): void;
  /** It has a handler for a vector. */
  handles(vector: number): void;
  masks(on: boolean): void;
  asksTime(): void;
  /** It waits, for so long at the most; handlers run, and `looked` tells whether what it waits for is there. */
  waits(limit: Nanos): void;
  looked(done: boolean): void;
}
