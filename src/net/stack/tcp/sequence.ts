/** A sequence number: 32 bits, after which it begins anew (RFC 9293, 3.4). */
export type Sequence = number;

export function plus(sequence: Sequence, count: number): Sequence {
  return (sequence + count) >>> 0;
}

/** How far `a` is ahead of `b`; negative where it is behind. */
export function ahead(a: Sequence, b: Sequence): number {
  return (a - b) | 0;
}
