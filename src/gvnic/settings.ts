import type { Nanos } from '../core/bits.ts';
import type { GvnicManners, Range } from './dqo/late-completions.ts';
import type { PacePolicy } from './pace.ts';
import { takesPackets } from './registers/admin.ts';
import type { QueueFormat } from './registers/descriptor.ts';

/** Features beyond the formats that a card may offer. */
export const OFFERS = [
  'MODIFY_RING',
  'JUMBO_FRAMES',
  'BUFFER_SIZES',
  'FLOW_STEERING',
  'NIC_TIMESTAMP',
  'RSS_CONFIG',
] as const;
export type GvnicOffer = (typeof OFFERS)[number];

/** What a card is. */
export interface GvnicSettings {
  readonly mac: Uint8Array;
  /** Queues of each kind. */
  readonly pairs: number;
  /** Entries of each ring, a power of two. */
  readonly ringSize: number;
  /** The formats of rings that it offers. */
  readonly formats: readonly QueueFormat[];
  readonly offer: readonly GvnicOffer[];
  readonly mtu: number;
  /** When DQO packets are completed; null is at once, in order. */
  readonly manners: GvnicManners | null;
  /** How long a command of the admin queue takes; null is no time. */
  readonly commandLatency: Range | null;
  /** How long it takes until a reset is seen to be done. */
  readonly resetTime: Nanos;
  /** How far the doorbells and counters that it hands out lie behind the usual ones: a driver knows none before. */
  readonly indexShift: number;
  /** When it looks at doorbells, and interrupts; null is at once. */
  readonly pace: PacePolicy | null;
  /** More than ten DQO descriptors for a packet, or for a segment of one, stop the queue. */
  readonly descriptorLimit: boolean;
  /** It has a mailbox in the place of the admin queue: 1ae0:0043. */
  readonly mailbox: boolean;
  /** PCI revision: from 1 on drivers use the base address registers. */
  readonly revision: number;
}

/** Bounds of rings that a driver may choose from. */
export const RING = { leastTx: 256, leastRx: 64, most: 4096 } as const;
/** The least receive ring that MODIFY_RING tells of. Smaller ones are taken nevertheless. */
export const LEAST_RX_TOLD = 512;
/** Completion rings may be longer: DPDK makes them four times as long as the ring of descriptors. */
export const COMPLETIONS_MOST = 4 * RING.most;
/** The longest MTU with JUMBO_FRAMES. */
export const JUMBO_MTU = 8896;
/** Pages of a transmit queue's list, with each kind of rings. */
export const TX_PAGES = { gqi: 128, dqo: 512 } as const;
export const RSS_SIZES = { key: 40, table: 128 } as const;
/** What the option BUFFER_SIZES tells of. */
export const BUFFER_SIZES = { packet: 4096, header: 128 } as const;

/** Pages of a receive queue's list that FreeBSD registers, whatever the size of its rings. */
const RX_PAGES = 2048;

/** The pages that all queues together may register: also of rings that a driver chose. */
export function pagesMost({ pairs, ringSize, offer }: GvnicSettings): number {
  const entries = offer.includes('MODIFY_RING') ? RING.most : ringSize;
  return pairs * (TX_PAGES.dqo + Math.max(RX_PAGES, 2 * entries));
}

export function isDqo(format: QueueFormat): boolean {
  return format === 'DQO_RDA' || format === 'DQO_QPL';
}

/** Whether a receive queue of DQO rings may have buffers of these sizes. */
export function takesSizes(
  { offer }: GvnicSettings,
  format: QueueFormat | null,
  packet: number,
  header: number,
): boolean {
  if (!takesPackets(true, packet)) return false;
  if (header === 0) return true;
  return offer.includes('BUFFER_SIZES') && format === 'DQO_RDA' && header <= BUFFER_SIZES.header;
}
