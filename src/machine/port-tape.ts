import type { Gpa, Nanos } from '../core/bits.ts';

/** Records what a guest does at its port that is not an access. */
export interface PortTape {
  /** The guest got this many more bytes, which are zero. */
  given(address: Gpa, bytes: number): void;
  /** It has a handler for a vector. */
  handles(vector: number): void;
  masks(on: boolean): void;
  asksTime(): void;
  /** The guest waits, this long at most; handlers run, and `looked` gives each result of its condition. */
  waits(limit: Nanos): void;
  looked(done: boolean): void;
}
