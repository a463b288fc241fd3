import type { Mark } from '../../../core/access.ts';
import type { Rules } from '../../../core/rule.ts';
import {
  ETHERNET_HEADER,
  IPV4_FRAME_MAX,
  NET_HDR_GSO,
  netHeaderSize,
  TRANSMIT_MAX,
} from '../../../virtio/net/registers.ts';
import { buffers, type ChainKnows } from './framing.ts';
import { HEADER, type HeaderKnows } from './header.ts';

const MAY_BE_IPV6: ReadonlySet<number> = new Set([NET_HDR_GSO.TCPV6, NET_HDR_GSO.UDP, NET_HDR_GSO.UDP_L4]);
const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** What the rules know of a frame that a driver sends. */
export interface TransmitKnows extends ChainKnows, HeaderKnows {
  readonly queue: number;
  /** Pairs of queues that the card has, and those that are enabled. */
  readonly pairs: number;
  readonly enabled: number;
  /** By a command, and not by a reset. */
  readonly commanded: boolean;
  /** When they were. */
  readonly enabledAt: Mark;
  /** The frame was made available before that. */
  readonly older: boolean;
}

export type TransmitMoment = 'sends' | 'drops';

/** What becomes of a frame. */
const FRAMES = {
  'virtio/NET-MQ-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'Before VQ_PAIRS_SET, transmit only on transmitq1',
    advice:
      'Send on the first pair until VQ_PAIRS_SET was answered with OK, and then on as many pairs as it named.',
    on: ['sends', 'drops'],
    when: (k) => k.enabled < k.pairs && !k.commanded,
    kept: (k) => pairOf(k) < k.enabled,
    said: unenabled,
    since: (k) => k.enabledAt,
  },
  'virtio/NET-MQ-D4': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'Once VQ_PAIRS_SET is placed, no new packets on transmit queues above what it names',
    advice: 'Send on no more pairs than the last command named, from when it is made available.',
    on: ['sends', 'drops'],
    // What was available before is no new packet.
    when: (k) => k.enabled < k.pairs && k.commanded && !k.older,
    kept: (k) => pairOf(k) < k.enabled,
    said: unenabled,
    since: (k) => k.enabledAt,
  },
  'virtio/NET-TX-D1': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Transmit header has the same size as the receive header',
    advice:
      'Put 12 bytes of virtio_net_hdr before a frame with VERSION_1 or MRG_RXBUF, else 10, and more with HASH_REPORT or tunnels, as the device does for received ones.',
    on: ['sends', 'drops'],
    // A chain with nothing to read is NET-IMP-2.
    when: (k) => k.bytes > 0 || k.astray === 0,
    kept: (k) => k.bytes >= least(k) && k.header === netHeaderSize(k.accepted),
    said: (k) =>
      k.bytes < least(k)
        ? `a transmit chain has ${k.bytes} bytes, and a header and that of Ethernet are ${least(k)}`
        : `a frame was sent behind a header of ${k.header} bytes, where it has ${netHeaderSize(k.accepted)}`,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-IMP-11': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'No frame is longer than an IP packet, 65,535 bytes, with its Ethernet header; of IPv6 its own header may be more',
    advice:
      'Send no more than 65,535 bytes behind the Ethernet header: the card drops what no IP header can tell the length of.',
    on: ['sends', 'drops'],
    kept: (k) =>
      k.bytes <= netHeaderSize(k.accepted) + (MAY_BE_IPV6.has(k.gso) ? TRANSMIT_MAX : IPV4_FRAME_MAX),
    said: (k) => `a transmit chain has ${k.bytes} bytes`,
    facts: buffers,
  },
} as const satisfies Rules<TransmitKnows, TransmitMoment>;

export const TRANSMIT = { ...FRAMES, ...HEADER } as const;

/** Bytes of the shortest chain that holds a frame's header. */
function least({ accepted }: TransmitKnows): number {
  return netHeaderSize(accepted) + ETHERNET_HEADER;
}

function unenabled(k: TransmitKnows): string {
  const enabled = k.enabled === 1 ? '1 pair is' : `${k.enabled} pairs are`;
  return `pair ${pairOf(k) + 1} of queues was used, and ${enabled} enabled`;
}

function pairOf({ queue }: TransmitKnows): number {
  return queue >> 1;
}
