import type { Packet } from '../backlog.ts';

/** Counters of one queue, by virtio 1.4's groups of statistics; the constants below give the places. */
export class QueueCounts {
  readonly basic = new Float64Array(6);
  readonly csum = new Float64Array(4);
  readonly gso = new Float64Array(6);
  readonly speed = new Float64Array(2);

  reset(): void {
    for (const group of [this.basic, this.csum, this.gso, this.speed]) group.fill(0);
  }
}

/** Places of the receive queue counters: virtio_net_stats_rx_basic, _csum, _gso. */
export const RX_COUNT = {
  NOTIFICATIONS: 0,
  PACKETS: 1,
  BYTES: 2,
  INTERRUPTS: 3,
  DROPS: 4,
  DROP_OVERRUNS: 5,
  CSUM_VALID: 0,
  NEEDS_CSUM: 1,
  CSUM_NONE: 2,
  CSUM_BAD: 3,
  GSO_PACKETS: 0,
  GSO_BYTES: 1,
  GSO_PACKETS_COALESCED: 2,
  GSO_BYTES_COALESCED: 3,
} as const;

/** Places of the transmit queue counters. */
export const TX_COUNT = {
  NOTIFICATIONS: 0,
  PACKETS: 1,
  BYTES: 2,
  INTERRUPTS: 3,
  DROPS: 4,
  DROP_MALFORMED: 5,
  CSUM_NONE: 0,
  NEEDS_CSUM: 1,
  GSO_PACKETS: 0,
  GSO_BYTES: 1,
  GSO_SEGMENTS: 2,
  GSO_SEGMENTS_BYTES: 3,
  GSO_PACKETS_NOSEG: 4,
  GSO_BYTES_NOSEG: 5,
} as const;

/** virtio_net_stats_cvq. */
export const CVQ_COUNT = { COMMANDS: 0, OK: 1 } as const;

const { PACKETS, BYTES, CSUM_NONE } = RX_COUNT;

/** A packet with unchecked checksums went into a buffer of this queue. */
export function countPlain({ basic, csum }: QueueCounts, bytes: number): void {
  basic[PACKETS]!++;
  basic[BYTES]! += bytes;
  csum[CSUM_NONE]!++;
}

/** Any packet did. */
export function countReceived(counts: QueueCounts, { frame, cut, segments, sums }: Packet): void {
  if (cut === null && sums === 'none') {
    countPlain(counts, frame.length);
    return;
  }
  const { basic, csum, gso } = counts;
  basic[PACKETS]!++;
  basic[BYTES]! += frame.length;
  if (cut !== null) csum[RX_COUNT.NEEDS_CSUM]!++;
  else csum[sums === 'good' ? RX_COUNT.CSUM_VALID : RX_COUNT.CSUM_BAD]!++;
  if (cut === null) return;
  gso[RX_COUNT.GSO_PACKETS]!++;
  gso[RX_COUNT.GSO_BYTES]! += frame.length;
  gso[RX_COUNT.GSO_PACKETS_COALESCED]! += segments;
  gso[RX_COUNT.GSO_BYTES_COALESCED]! += frame.length;
}
