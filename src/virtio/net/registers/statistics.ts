import { struct } from '../../../core/struct.ts';
import { NET_FEATURE } from '../registers.ts';

const F = NET_FEATURE;

/** One queue of STATS_GET (virtio 1.4, Device Statistics). */
export const virtio_net_ctrl_queue_stats = struct('virtio_net_ctrl_queue_stats', 'le', {
  vq_index: 'u16',
  reserved: { bytes: 6 },
  types_bitmap: 'u64',
});
/** Head of each answer; `size` includes it. */
export const virtio_net_stats_reply_hdr = struct('virtio_net_stats_reply_hdr', 'le', {
  type: 'u8',
  reserved: 'u8',
  vq_index: 'u16',
  reserved1: 'u16',
  size: 'u16',
});

export type QueueKind = 'receive' | 'transmit' | 'control';

interface Statistic {
  readonly name: string;
  /** Bit of the bitmap, and type of the answer. */
  readonly bit: number;
  readonly of: QueueKind;
  readonly group: 'basic' | 'csum' | 'gso' | 'speed';
  /** Counters of eight bytes. */
  readonly counters: number;
  /** Features of which one is needed. */
  readonly needs: readonly number[];
}

const statistic = (
  name: string,
  bit: number,
  of: QueueKind,
  group: Statistic['group'],
  counters: number,
  ...needs: readonly number[]
): Statistic => ({ name, bit, of, group, counters, needs });

export const NET_STATISTICS: readonly Statistic[] = [
  statistic('RX_BASIC', 0, 'receive', 'basic', 6),
  statistic('RX_CSUM', 1, 'receive', 'csum', 4, F.GUEST_CSUM),
  statistic('RX_GSO', 2, 'receive', 'gso', 4, F.GUEST_TSO4, F.GUEST_TSO6),
  statistic('RX_SPEED', 3, 'receive', 'speed', 2),
  statistic('TX_BASIC', 16, 'transmit', 'basic', 6),
  statistic('TX_CSUM', 17, 'transmit', 'csum', 2, F.CSUM),
  statistic('TX_GSO', 18, 'transmit', 'gso', 6, F.HOST_TSO4, F.HOST_TSO6, F.HOST_USO),
  statistic('TX_SPEED', 19, 'transmit', 'speed', 2),
  statistic('CVQ', 32, 'control', 'basic', 2),
];
