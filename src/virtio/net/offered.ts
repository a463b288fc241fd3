import { NET_FEATURE as F } from './registers.ts';

/** What every card offers. */
const USUAL = [
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

interface Offering {
  readonly pairs: number;
  readonly mergeable: boolean;
  readonly offer: readonly number[];
  readonly ringFeatures: readonly number[];
}

export function offeredBy({ pairs, mergeable, offer, ringFeatures }: Offering): readonly number[] {
  return [
    ...USUAL,
    ...(pairs > 1 ? [F.MQ] : []),
    ...(mergeable ? [F.MRG_RXBUF] : []),
    ...offer,
    ...ringFeatures,
  ];
}
