import type { BitSet } from '../../../core/bit-set.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Packet } from '../backlog.ts';
import {
  NET_STATISTICS,
  virtio_net_ctrl_queue_stats,
  virtio_net_stats_reply_hdr,
} from '../registers/statistics.ts';
import { NET_FEATURE as F } from '../registers.ts';
import { type NetCard, type NetFeature, type Served, served } from './feature.ts';

const { offset: at, size: ENTRY } = virtio_net_ctrl_queue_stats;
const { size: REPLY_HEAD } = virtio_net_stats_reply_hdr;
const COUNTER = 8;

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
const CVQ_COUNT = { COMMANDS: 0, OK: 1 } as const;

const SUMS = { none: RX_COUNT.CSUM_NONE, good: RX_COUNT.CSUM_VALID, bad: RX_COUNT.CSUM_BAD } as const;

/** Counters of one queue, by virtio 1.4's groups of statistics; the constants give the places. */
export class QueueCounts {
  readonly basic = new Float64Array(6);
  readonly csum = new Float64Array(4);
  readonly gso = new Float64Array(6);
  readonly speed = new Float64Array(2);

  /** A frame went out. */
  sent(bytes: number): void {
    this.basic[TX_COUNT.PACKETS]!++;
    this.basic[TX_COUNT.BYTES]! += bytes;
  }

  /** A frame went out as it was, or with its checksum completed. */
  uncut(open: boolean): void {
    this.csum[open ? TX_COUNT.NEEDS_CSUM : TX_COUNT.CSUM_NONE]!++;
  }

  /** A frame was cut into segments. */
  cut(bytes: number): void {
    this.csum[TX_COUNT.NEEDS_CSUM]!++;
    this.gso[TX_COUNT.GSO_PACKETS]!++;
    this.gso[TX_COUNT.GSO_BYTES]! += bytes;
  }

  segment(bytes: number): void {
    this.gso[TX_COUNT.GSO_SEGMENTS]!++;
    this.gso[TX_COUNT.GSO_SEGMENTS_BYTES]! += bytes;
  }

  /** Nothing of a chain went out. */
  lost(malformed: boolean): void {
    this.basic[TX_COUNT.DROPS]!++;
    if (malformed) this.basic[TX_COUNT.DROP_MALFORMED]!++;
  }

  /** A packet went into buffers. */
  received({ frame, cut, segments, sums }: Packet): void {
    const { basic, csum, gso } = this;
    basic[RX_COUNT.PACKETS]!++;
    basic[RX_COUNT.BYTES]! += frame.length;
    if (cut === null) {
      csum[SUMS[sums]]!++;
      return;
    }
    csum[RX_COUNT.NEEDS_CSUM]!++;
    gso[RX_COUNT.GSO_PACKETS]!++;
    gso[RX_COUNT.GSO_BYTES]! += frame.length;
    gso[RX_COUNT.GSO_PACKETS_COALESCED]! += segments;
    gso[RX_COUNT.GSO_BYTES_COALESCED]! += frame.length;
  }

  /** A frame that was not looked at went into a buffer. */
  receivedPlain(bytes: number): void {
    this.basic[RX_COUNT.PACKETS]!++;
    this.basic[RX_COUNT.BYTES]! += bytes;
    this.csum[RX_COUNT.CSUM_NONE]!++;
  }

  /** A frame had no room: among those that wait, or in the buffers. */
  dropped(overrun: boolean): void {
    this.basic[RX_COUNT.DROPS]!++;
    if (overrun) this.basic[RX_COUNT.DROP_OVERRUNS]!++;
  }

  reset(): void {
    for (const group of [this.basic, this.csum, this.gso, this.speed]) group.fill(0);
  }
}

/** Counts, of every queue, what passes since the last reset (virtio 1.4, Device Statistics). */
export class Statistics implements NetFeature {
  static readonly bits = [F.DEVICE_STATS];
  readonly commands: readonly Served[] = [
    served('STATS_QUERY', () => this.supported()),
    served('STATS_GET', (data) => this.get(data)),
  ];
  private readonly counts: readonly QueueCounts[];
  private readonly card: NetCard;
  /** The statistics that the features enable. */
  private enabled: typeof NET_STATISTICS = [];

  constructor(card: NetCard) {
    this.card = card;
    this.counts = card.queues.map(() => new QueueCounts());
  }

  negotiated(accepted: BitSet): void {
    this.enabled = NET_STATISTICS.filter(
      ({ needs }) => needs.length === 0 || needs.some((feature) => accepted.has(feature)),
    );
  }

  of(queue: number): QueueCounts {
    return this.counts[queue]!;
  }

  kicked(queue: number): void {
    const counts = this.counts[queue];
    if (counts !== undefined && queue !== this.card.controlIndex) counts.basic[RX_COUNT.NOTIFICATIONS]!++;
  }

  interrupted(queue: number): void {
    if (queue !== this.card.controlIndex) this.counts[queue]!.basic[RX_COUNT.INTERRUPTS]!++;
  }

  commanded(queue: number, ok: boolean): void {
    const { basic } = this.counts[queue]!;
    basic[CVQ_COUNT.COMMANDS]!++;
    if (ok) basic[CVQ_COUNT.OK]!++;
  }

  reset(): void {
    for (const queue of this.counts) queue.reset();
  }

  private supported(): Uint8Array {
    const bits = this.enabled.reduce((set, { bit }) => set | (1n << BigInt(bit)), 0n);
    return virtio_net_ctrl_queue_stats.encode({ types_bitmap: bits }).slice(at.types_bitmap);
  }

  private get(data: ByteReader): Uint8Array | false {
    const entries = Math.floor(data.length / ENTRY);
    if (entries === 0 || data.length % ENTRY !== 0 || !data.whole) return false;
    const replies: Uint8Array[] = [];
    for (let i = 0; i < entries; i++) {
      const answered = this.repliesTo(data, i * ENTRY);
      if (answered === null) return false;
      replies.push(...answered);
    }
    return Uint8Array.from(replies.flatMap((reply) => [...reply]));
  }

  /** Null if one of them does not apply to that queue. */
  private repliesTo(data: ByteReader, from: number): Uint8Array[] | null {
    const queue = data.u16(from + at.vq_index);
    const bitmap = from + at.types_bitmap;
    const [low, high] = [data.low(bitmap), data.high(bitmap)];
    const asked = (bit: number) => ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) !== 0;
    const of = this.enabled.filter((one) => one.of === this.card.kindOf(queue) && asked(one.bit));
    const known = of.reduce((sum, { bit }) => sum + 2 ** bit, 0);
    if (known !== high * 2 ** 32 + low) return null;
    return of.map(({ bit, group, counters }) => {
      const size = REPLY_HEAD + COUNTER * counters;
      const reply = new Uint8Array(size);
      virtio_net_stats_reply_hdr.encode({ type: bit, vq_index: queue, size }, reply);
      const view = new DataView(reply.buffer, REPLY_HEAD);
      const counts = this.counts[queue]![group];
      for (let i = 0; i < counters; i++) view.setBigUint64(i * COUNTER, BigInt(counts[i]!), true);
      return reply;
    });
  }
}
