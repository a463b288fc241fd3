import type { Mark } from '../../../core/access.ts';
import { bytesText } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import { ETHERNET_HEADER, netHeaderSize } from '../../../virtio/net/registers.ts';
import { buffers, type ChainKnows } from './framing.ts';
import { HEADER, type HeaderKnows } from './header.ts';

/** The most payload that an IPv4 packet holds behind the shortest headers of IP and TCP. */
const PIECE_MOST = 65_535 - 40;
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
      'Put 12 bytes of virtio_net_hdr before a frame with VERSION_1 or MRG_RXBUF, else 10, as the device does for received ones.',
    on: ['sends', 'drops'],
    kept: (k) => k.bytes >= least(k) && k.header === netHeaderSize(k.accepted),
    said: (k) =>
      k.bytes < least(k)
        ? `a transmit chain has ${k.bytes} bytes, and a header and that of Ethernet are ${least(k)}`
        : `a frame was sent behind a header of ${k.header} bytes, where it has ${netHeaderSize(k.accepted)}`,
    facts: buffers,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D22': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'csum_start/csum_offset yield a right packet once the device sums',
    advice:
      "Let csum_start be where the checksum begins, from the frame's first byte, and csum_offset where in it the sum is stored: both within the frame.",
    on: 'summed',
    when: isWhereItSeems,
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
    when: (k) => k.gsoSize !== 0 && isWhereItSeems(k),
    kept: (k) => k.done,
    said: (k) =>
      `a frame was to be cut into pieces of ${bytesText(k.gsoSize)}, and is no whole TCP over IPv4 packet${k.gsoSize > PIECE_MOST ? ', or too long for one' : ''}`,
  },
} as const satisfies Rules<TransmitKnows, TransmitMoment>;

export const TRANSMIT = { ...FRAMES, ...HEADER } as const;

/** Bytes of the shortest chain that holds a frame's header. */
function least({ accepted }: TransmitKnows): number {
  return netHeaderSize(accepted) + ETHERNET_HEADER;
}

/** Whether the frame begins behind a header of the right size: else the card took other bytes for it. */
function isWhereItSeems({ header, accepted }: TransmitKnows): boolean {
  return header === 0 || header === netHeaderSize(accepted);
}

function unenabled(k: TransmitKnows): string {
  const enabled = k.enabled === 1 ? '1 pair is' : `${k.enabled} pairs are`;
  return `pair ${pairOf(k) + 1} of queues was used, and ${enabled} enabled`;
}

function pairOf({ queue }: TransmitKnows): number {
  return queue >> 1;
}
