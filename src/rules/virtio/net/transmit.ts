import type { Mark } from '../../../core/access.ts';
import type { Rules } from '../../../core/rule.ts';
import { ETHERNET_HEADER } from '../../../virtio/net/registers.ts';
import { buffers, type ChainKnows, headerSize } from './framing.ts';
import { HEADER, type HeaderKnows } from './header.ts';

const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** What the rules know of a frame that a driver sends. */
export interface TransmitKnows extends ChainKnows, HeaderKnows {
  readonly queue: number;
  /** Pairs of queues that the card has, and those that are enabled. */
  readonly pairs: number;
  readonly enabled: number;
  /** When they were. */
  readonly enabledAt: Mark;
  readonly csumStart: number;
  /** The card did what it was asked for. */
  readonly done: boolean;
}

export type TransmitMoment = 'sends' | 'drops' | 'segmented' | 'summed';

/** What becomes of a frame. */
const FRAMES = {
  'virtio/NET-MQ-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'Before VQ_PAIRS_SET, transmit only on transmitq1',
    on: ['sends', 'drops'],
    when: (k) => k.enabled < k.pairs,
    kept: (k) => pairOf(k) < k.enabled,
    said: (k) => `transmit queue ${pairOf(k) + 1} was used; ${k.enabled} pairs are enabled`,
    since: (k) => k.enabledAt,
  },
  'virtio/NET-TX-D1': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Transmit header has the same size as the receive header',
    on: ['sends', 'drops'],
    kept: (k) => k.bytes >= headerSize(k.accepted) + ETHERNET_HEADER,
    said: (k) => `bytes in a transmit chain: ${k.bytes}`,
    facts: buffers,
  },
  'virtio/NET-TX-D22': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'csum_start/csum_offset yield a right packet once the device sums',
    on: 'summed',
    kept: (k) => k.done,
    said: (k) => `the checksum lies outside the frame; csum_start is ${k.csumStart}`,
  },
  'virtio/NET-IMP-7': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'gso_type fits the packet: its IP version, its protocol, its headers',
    advice: 'Ask for TCPV4 segmentation only of whole TCP over IPv4 packets.',
    on: 'segmented',
    // Nothing can be cut into pieces of no bytes, whatever it is: NET-TX-D25 is about that.
    when: (k) => k.gsoSize !== 0,
    kept: (k) => k.done,
    said: (k) => `a frame that is no TCP over IPv4 was to be cut to ${k.gsoSize}`,
  },
} as const satisfies Rules<TransmitKnows, TransmitMoment>;

export const TRANSMIT = { ...FRAMES, ...HEADER } as const;

function pairOf({ queue }: TransmitKnows): number {
  return queue >> 1;
}
