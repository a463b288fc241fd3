import type { Manners } from '../manners.ts';
import type { OddField } from './odd-headers.ts';
import { NET_FEATURE as F } from './registers.ts';

export interface VirtioNetOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** Queue pairs; MQ is offered from two on. */
  readonly pairs: number;
  /** Entries of each queue, a power of two. */
  readonly ringSize: number;
  readonly ringFeatures: readonly number[];
  /** Offer MRG_RXBUF. */
  readonly mergeable: boolean;
  /** Further features to offer, by their bits. */
  readonly offer?: readonly number[];
  /** For so many virtual nanoseconds segments that may be joined wait for more; 0: only what comes together is joined. */
  readonly joinWithin?: number;
  /** What the headers of every second frame that comes have, and no driver is to use. */
  readonly oddHeaders?: readonly OddField[];
  readonly manners?: Manners | undefined;
}

/** What Compute Engine's has, whatever else. */
const ALWAYS = [
  F.CSUM,
  F.GUEST_CSUM,
  F.CTRL_GUEST_OFFLOADS,
  F.MAC,
  F.GUEST_TSO4,
  F.GUEST_TSO6,
  F.HOST_TSO4,
  F.HOST_TSO6,
  F.STATUS,
  F.CTRL_VQ,
] as const;

export function offeredBy(options: VirtioNetOptions): readonly number[] {
  const { pairs, mergeable, offer = [], ringFeatures } = options;
  return [
    ...ALWAYS,
    ...(pairs > 1 ? [F.MQ] : []),
    ...(mergeable ? [F.MRG_RXBUF] : []),
    ...offer,
    ...ringFeatures,
  ];
}
