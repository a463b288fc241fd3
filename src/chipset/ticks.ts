import type { Nanos } from '../core/bits.ts';

const SECOND: Nanos = 1_000_000_000;

/** Whole ticks of `hertz`, up to 9 MHz, in `time`. Seconds apart, so that no product exceeds 2^53. */
export function ticksIn(time: Nanos, hertz: number): number {
  const seconds = Math.floor(time / SECOND);
  return seconds * hertz + Math.floor(((time - seconds * SECOND) * hertz) / SECOND);
}

/** The first nanosecond in which `ticks` of `hertz` have passed. */
export function timeOf(ticks: number, hertz: number): Nanos {
  const seconds = Math.floor(ticks / hertz);
  return seconds * SECOND + Math.ceil(((ticks - seconds * hertz) * SECOND) / hertz);
}
