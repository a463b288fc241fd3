import { bytesText, hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import {
  NET_STATISTICS,
  virtio_net_ctrl_queue_stats,
  virtio_net_stats_reply_hdr,
} from '../../../virtio/net/registers/statistics.ts';
import { type ControlKnows, of } from './command.ts';
import { buffers } from './framing.ts';

const WHERE = 'virtio 1.4, Device Statistics';
const { offset: at, size: ENTRY } = virtio_net_ctrl_queue_stats;

/** One queue of STATS_GET, and what is asked of it. */
interface Asked {
  readonly queue: number;
  readonly low: number;
  readonly high: number;
}

/** Rules on requests for statistics. */
export const STATISTICS = {
  'virtio/NET-STAT-D1': {
    where: WHERE,
    text: 'A driver MUST ask only for statistics that STATS_QUERY listed.',
    advice: 'Send STATS_QUERY first, and ask for bits of its answer.',
    ...of('STATS_GET'),
    kept: (k) => unlearnt(k) === undefined,
    said: (k) =>
      k.learnt === null
        ? 'statistics were asked for before STATS_QUERY was answered'
        : `types_bitmap is ${bitmap(unlearnt(k)!)}, and STATS_QUERY told of ${hex(k.learnt[1], 8)}${hex(k.learnt[0], 8)}`,
  },
  'virtio/NET-STAT-D2': {
    where: WHERE,
    text: 'A driver MUST set bits in types_bitmap that fit the kind of queue at vq_index.',
    advice: 'Ask receive queues for bits 0 to 3, transmit queues for 16 to 19, the control queue for 32.',
    ...of('STATS_GET'),
    kept: (k) => unfit(k) === undefined,
    said: (k) => {
      const { queue } = unfit(k)!;
      const kind = k.kindOf(queue);
      return `types_bitmap is ${bitmap(unfit(k)!)} for queue ${queue}, which ${kind === null ? 'is not set up' : `is a ${kind} queue`}`;
    },
  },
  'virtio/NET-STAT-D3': {
    where: WHERE,
    text: 'A driver MUST give the result of STATS_GET room for the headers of all replies.',
    advice: 'After the ack, offer as many bytes as all replies take, at least 8 for each.',
    ...of('STATS_GET'),
    kept: (k) => k.chain!.writableBytes - 1 >= heads(k),
    said: (k) =>
      `${bytesText(k.chain!.writableBytes - 1)} are for the result, and the headers alone take ${heads(k)}`,
    facts: buffers,
  },
} as const satisfies Rules<ControlKnows, 'command'>;

function askedOf({ data }: ControlKnows): readonly Asked[] {
  if (!data.whole) return [];
  return Array.from({ length: Math.floor(data.length / ENTRY) }, (_, i) => ({
    queue: data.u16(i * ENTRY + at.vq_index),
    low: data.low(i * ENTRY + at.types_bitmap),
    high: data.high(i * ENTRY + at.types_bitmap),
  }));
}

function unlearnt(k: ControlKnows): Asked | undefined {
  const [low, high] = k.learnt ?? [0, 0];
  return askedOf(k).find((one) => (one.low & ~low) !== 0 || (one.high & ~high) !== 0 || k.learnt === null);
}

/** The first request for a statistic of another kind of queue. STATS_QUERY does not return undefined bits. */
function unfit(k: ControlKnows): Asked | undefined {
  return askedOf(k).find(({ queue, low, high }) =>
    NET_STATISTICS.some(
      ({ bit, of: kind }) =>
        ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) !== 0 && kind !== k.kindOf(queue),
    ),
  );
}

function heads(k: ControlKnows): number {
  const count = askedOf(k).reduce((sum, { low, high }) => sum + ones(low) + ones(high), 0);
  return count * virtio_net_stats_reply_hdr.size;
}

function ones(word: number): number {
  let count = 0;
  for (let left = word >>> 0; left !== 0; left &= left - 1) count++;
  return count;
}

function bitmap({ low, high }: Asked): string {
  return `${hex(high, 8)}${hex(low, 8)}`;
}
