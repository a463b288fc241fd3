/** A sequence number: 32 bits, which wrap around (RFC 9293, 3.4). */
export type Sequence = number;

export function plus(sequence: Sequence, count: number): Sequence {
  return (sequence + count) >>> 0;
}

/** How far `a` is ahead of `b`; negative if it is behind. */
export function ahead(a: Sequence, b: Sequence): number {
  return (a - b) | 0;
}
