import type { Manners } from '../manners.ts';
import type { OddField } from './odd-headers.ts';
import { NET_FEATURE as F } from './registers.ts';

export interface VirtioNetOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** Queue pairs; MQ is offered for two or more. */
  readonly pairs: number;
  /** Entries of each queue, a power of two. */
  readonly ringSize: number;
  readonly ringFeatures: readonly number[];
  /** Offer MRG_RXBUF. */
  readonly mergeable: boolean;
  /** Further features to offer, by their bits. */
  readonly offer?: readonly number[];
  /** Virtual nanoseconds for which joinable segments wait for more; 0: only frames that come together are joined. */
  readonly joinWithin?: number;
  /** Header fields set in every second received frame that no driver may use. */
  readonly oddHeaders?: readonly OddField[];
  readonly manners?: Manners | undefined;
}

/** The features of Compute Engine's card, always offered. */
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
