import type { ByteReader } from '../../../core/byte-reader.ts';
import { type CommandedCard, type Served, served } from '../features/feature.ts';
import {
  NET_STATISTICS,
  virtio_net_ctrl_queue_stats,
  virtio_net_stats_reply_hdr,
} from '../registers/statistics.ts';

const { offset: at, size: ENTRY } = virtio_net_ctrl_queue_stats;
const { size: REPLY_HEAD } = virtio_net_stats_reply_hdr;
const COUNTER = 8;

/** Every statistic of a queue that the features enable, since the last reset. */
export const STATISTICS: readonly Served[] = [
  served('STATS_QUERY', (card) => {
    const bits = supported(card).map(({ bit }) => bit);
    const [low, high] = [0, 32].map((from) =>
      bits.filter((bit) => bit >= from && bit < from + 32).reduce((sum, bit) => sum + 2 ** (bit - from), 0),
    );
    return virtio_net_ctrl_queue_stats
      .encode({ types_bitmap: (BigInt(high!) << 32n) | BigInt(low!) })
      .slice(at.types_bitmap);
  }),
  served('STATS_GET', (card, data) => {
    const entries = Math.floor(data.length / ENTRY);
    if (entries === 0 || data.length % ENTRY !== 0 || !data.whole) return false;
    const replies: Uint8Array[] = [];
    for (let i = 0; i < entries; i++) {
      const answered = repliesTo(card, data, i * ENTRY);
      if (answered === null) return false;
      replies.push(...answered);
    }
    return Uint8Array.from(replies.flatMap((reply) => [...reply]));
  }),
];

function supported(card: CommandedCard) {
  return NET_STATISTICS.filter(
    ({ needs }) => needs.length === 0 || needs.some((feature) => card.accepted.has(feature)),
  );
}

/** Null if one of them does not apply to that queue. */
function repliesTo(card: CommandedCard, data: ByteReader, from: number): Uint8Array[] | null {
  const queue = data.u16(from + at.vq_index);
  const bitmap = from + at.types_bitmap;
  const [low, high] = [data.low(bitmap), data.high(bitmap)];
  const asked = (bit: number) => ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) !== 0;
  const of = supported(card).filter((one) => one.of === card.kindOf(queue) && asked(one.bit));
  const known = of.reduce((sum, { bit }) => sum + 2 ** bit, 0);
  if (known !== high * 2 ** 32 + low) return null;
  return of.map(({ bit, group, counters }) => {
    const size = REPLY_HEAD + COUNTER * counters;
    const reply = new Uint8Array(size);
    virtio_net_stats_reply_hdr.encode({ type: bit, vq_index: queue, size }, reply);
    const view = new DataView(reply.buffer, REPLY_HEAD);
    const counts = card.counts[queue]![group];
    for (let i = 0; i < counters; i++) view.setBigUint64(i * COUNTER, BigInt(counts[i]!), true);
    return reply;
  });
}
