import type { Nanos } from '../core/bits.ts';

/** How nanoseconds follow from ticks of the TSC: shifted left (a negative shift: right), times `mul`, divided by 2^32. */
export interface Scale {
  readonly mul: number;
  readonly shift: number;
}

const WORD = 2 ** 32;
const SECOND: Nanos = 1_000_000_000;

/** As `kvm_get_time_scale` of arch/x86/kvm/x86.c finds it: the rate is brought between 1 and 2 GHz. */
export function scaleOf(kHz: number): Scale {
  let rate = kHz * 1000;
  let shift = 0;
  for (; rate > 2 * SECOND || rate >= WORD; shift--) rate = Math.floor(rate / 2);
  for (; rate <= SECOND; shift++) rate *= 2;
  return { mul: Number((BigInt(SECOND) << 32n) / BigInt(rate)), shift };
}

/** The highest rate for which `Ticks` is exact. */
export const KHZ_MOST = 9_000_000;

/** Ticks of a TSC, as two words: 104 days of it do not fit into a double. */
export class Ticks {
  low = 0;
  high = 0;

  /** Those of `now` nanoseconds, and the ticks of an offset. */
  set(now: Nanos, kHz: number, offset: { readonly low: number; readonly high: number }): void {
    const rest = now % SECOND;
    const thousands = ((now - rest) / SECOND) * kHz;
    const parts = Math.floor((rest * kHz) / 1_000_000);
    const low = (thousands >>> 0) * 1000 + parts;
    const sum = (low >>> 0) + offset.low;
    this.low = sum >>> 0;
    this.high =
      (Math.floor(thousands / WORD) * 1000 +
        Math.floor(low / WORD) +
        offset.high +
        Math.floor(sum / WORD)) >>>
      0;
  }
}
