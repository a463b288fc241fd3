import type { Width } from '../core/bits.ts';

/** A PCI function from the host's side. */
export interface FunctionView {
  readonly name: string;
  /** Bus, device and function: 0x20 is 00:04.0. */
  readonly bdf: number;
  /** `net0 (00:04.0)` */
  readonly subject: string;
  readonly bars: readonly BarView[];
  /** Its configuration space, as the guest reads it. */
  readConfig(offset: number, width: Width): number;
}

/** A base address of a function. */
export interface BarView {
  /** 0 to 5. */
  readonly index: number;
  readonly kind: 'io' | 'mem32' | 'mem64';
  /** Where it is decoded now; null while it is not decoded. */
  readonly mapped: number | null;
  /** The range behind it. */
  readonly region: { readonly name: string; readonly size: number };
}
