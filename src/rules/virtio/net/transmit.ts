import type { BitSet } from '../../../core/bit-set.ts';
import type { Rules } from '../../../core/rule.ts';
import { ETHERNET_HEADER, NET_FEATURE, NET_HDR_F, NET_HDR_GSO } from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { type ChainKnows, headerSize } from './framing.ts';

const { CSUM, HOST_TSO4, HOST_TSO6, HOST_UFO, MRG_RXBUF } = NET_FEATURE;
const { NEEDS_CSUM, DATA_VALID, RSC_INFO } = NET_HDR_F;
const { NONE, TCPV4, TCPV6, UDP } = NET_HDR_GSO;

const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** What the rules know of a frame that a driver sends. */
export interface TransmitKnows extends ChainKnows {
  readonly queue: number;
  /** Pairs of queues that the card has, and those that are enabled. */
  readonly pairs: number;
  readonly enabled: number;
  readonly flags: number;
  /** Without the ECN bit. */
  readonly gso: number;
  readonly gsoSize: number;
  readonly csumStart: number;
  readonly buffers: number;
  /** The card did what it was asked for. */
  readonly done: boolean;
}

export type TransmitMoment = 'sends' | 'drops' | 'segmented' | 'summed';

export const TRANSMIT = {
  'virtio/NET-MQ-D3': {
    strength: 'MUST',
    where: 'virtio 1.4, Automatic receive steering in multiqueue mode',
    text: 'Before VQ_PAIRS_SET, transmit only on transmitq1',
    on: ['sends', 'drops'],
    when: (k) => k.enabled < k.pairs,
    kept: (k) => pairOf(k) < k.enabled,
    said: (k) => `transmit queue ${pairOf(k) + 1} was used; ${k.enabled} pairs are enabled`,
  },
  'virtio/NET-TX-D1': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Transmit header has the same size as the receive header',
    on: ['sends', 'drops'],
    kept: (k) => k.bytes >= headerSize(k.accepted) + ETHERNET_HEADER,
    said: (k) => `bytes in a transmit chain: ${k.bytes}`,
  },
  'virtio/NET-TX-D2': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'num_buffers is zero on transmit',
    on: 'sends',
    when: (k) => hasBuffers(k.accepted),
    kept: (k) => k.buffers === 0,
    said: (k) => `num_buffers is ${k.buffers}`,
  },
  'virtio/NET-TX-D3': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Without CSUM, flags byte is zero',
    on: 'sends',
    when: (k) => !k.accepted.has(CSUM),
    kept: (k) => k.flags === 0,
    said: (k) => `without CSUM, flags are ${k.flags}`,
  },
  'virtio/NET-TX-D5': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'gso_type TCPV4 without HOST_TSO4',
    on: 'sends',
    when: (k) => !k.accepted.has(HOST_TSO4),
    kept: (k) => k.gso !== TCPV4,
    said: (k) => `without HOST_TSO4, gso_type is ${k.gso}`,
  },
  'virtio/NET-TX-D6': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'gso_type TCPV6 without HOST_TSO6',
    on: 'sends',
    when: (k) => !k.accepted.has(HOST_TSO6),
    kept: (k) => k.gso !== TCPV6,
    said: (k) => `without HOST_TSO6, gso_type is ${k.gso}`,
  },
  'virtio/NET-TX-D7': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'gso_type UDP without HOST_UFO',
    on: 'sends',
    when: (k) => !k.accepted.has(HOST_UFO),
    kept: (k) => k.gso !== UDP,
    said: (k) => `without HOST_UFO, gso_type is ${k.gso}`,
  },
  'virtio/NET-TX-D22': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'csum_start/csum_offset yield a right packet once the device sums',
    on: 'summed',
    kept: (k) => k.done,
    said: (k) => `the checksum lies outside the frame; csum_start is ${k.csumStart}`,
  },
  'virtio/NET-TX-D24': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Any GSO frame also has NEEDS_CSUM',
    on: 'sends',
    when: (k) => k.gso !== NONE,
    kept: (k) => (k.flags & NEEDS_CSUM) !== 0,
    said: (k) => `of a GSO frame, flags are ${k.flags}`,
  },
  'virtio/NET-TX-D25': {
    strength: 'MUST',
    where: PACKET_TRANSMISSION,
    text: 'Any GSO frame has gso_size filled in',
    on: 'sends',
    when: (k) => k.gso !== NONE,
    kept: (k) => k.gsoSize !== 0,
    said: (k) => `of a GSO frame, gso_size is ${k.gsoSize}`,
  },
  'virtio/NET-TX-D33': {
    strength: 'MUST NOT',
    where: PACKET_TRANSMISSION,
    text: 'DATA_VALID and RSC_INFO are never set on transmit',
    on: 'sends',
    kept: (k) => (k.flags & (DATA_VALID | RSC_INFO)) === 0,
    said: (k) => `flags are ${k.flags}`,
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

/** Whether the header has the field num_buffers. */
function hasBuffers(accepted: BitSet): boolean {
  return accepted.has(MRG_RXBUF) || accepted.has(FEATURE.VERSION_1);
}

function pairOf({ queue }: TransmitKnows): number {
  return queue >> 1;
}
