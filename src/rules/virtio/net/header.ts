import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import { hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import {
  NET_FEATURE,
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  netHeaderSize,
} from '../../../virtio/net/registers.ts';
import { FEATURE } from '../../../virtio/registers.ts';

const { CSUM, GSO, HOST_TSO4, HOST_TSO6, HOST_UFO, HOST_USO, MRG_RXBUF } = NET_FEATURE;
const { NEEDS_CSUM, DATA_VALID, RSC_INFO } = NET_HDR_F;
const { NONE, TCPV4, TCPV6, UDP, UDP_L4 } = NET_HDR_GSO;

const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** What the rules know of the header of a frame that a driver sends. */
export interface HeaderKnows extends Knows {
  readonly accepted: BitSet;
  /** When these features were accepted. */
  readonly negotiatedAt: Mark;
  readonly flags: number;
  /** gso_type without its flag bits. */
  readonly gso: number;
  readonly gsoSize: number;
  readonly buffers: number;
  /** All bits of the hash fields. */
  readonly hash: number;
  /** Bytes of header that the driver seems to have put before the frame; 0 before the first. */
  readonly header: number;
}

export const HEADER = {
  'virtio/NET-TX-D2': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST set num_buffers to 0 in a frame that it sends.',
    advice: 'Write 0 to num_buffers: it only has a meaning in received frames.',
    on: 'sends',
    // In a header that is too short the field is elsewhere: that breaks NET-TX-D1.
    when: (k) => hasBuffers(k.accepted) && k.header === netHeaderSize(k.accepted),
    kept: (k) => k.buffers === 0,
    said: (k) => `num_buffers of a frame that was sent is ${k.buffers}`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-IMP-10': {
    where: 'virtio 1.4, Network Device, Device Operation',
    text: 'A driver SHOULD set the hash fields of a frame that it sends to 0.',
    advice: 'Clear all of virtio_net_hdr before filling in its fields: the device sees old bytes, too.',
    on: 'sends',
    when: (k) => k.header >= NET_HDR_SIZE.hash && k.header === netHeaderSize(k.accepted),
    kept: (k) => k.hash === 0,
    said: () => 'hash_value, hash_report or the bytes behind them are not zero',
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D3': {
    where: PACKET_TRANSMISSION,
    text: 'A driver without CSUM MUST set flags of a frame to 0.',
    advice: 'Compute the checksum and write 0 to flags, or accept CSUM (0).',
    on: 'sends',
    when: (k) => !k.accepted.has(CSUM),
    kept: (k) => k.flags === 0,
    said: (k) => `the flags of a frame are ${hex(k.flags, 2)}, without CSUM`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D5': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT use gso_type TCPV4 without HOST_TSO4.',
    advice: 'Accept HOST_TSO4 (11), or cut TCP over IPv4 into segments before sending.',
    on: 'sends',
    when: (k) => !k.accepted.has(HOST_TSO4),
    kept: (k) => k.gso !== TCPV4,
    said: (k) => `gso_type of a frame is ${k.gso}, without HOST_TSO4`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D6': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT use gso_type TCPV6 without HOST_TSO6.',
    advice: 'Accept HOST_TSO6 (12), or cut TCP over IPv6 into segments before sending.',
    on: 'sends',
    when: (k) => !k.accepted.has(HOST_TSO6),
    kept: (k) => k.gso !== TCPV6,
    said: (k) => `gso_type of a frame is ${k.gso}, without HOST_TSO6`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D7': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT use gso_type UDP without HOST_UFO.',
    advice: 'Accept HOST_UFO (14), or fragment UDP datagrams before sending.',
    on: 'sends',
    when: (k) => !k.accepted.has(HOST_UFO),
    kept: (k) => k.gso !== UDP,
    said: (k) => `gso_type of a frame is ${k.gso}, without HOST_UFO`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D8': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT use gso_type UDP_L4 without HOST_USO.',
    advice: 'Accept HOST_USO (56), or cut UDP into datagrams before sending.',
    on: 'sends',
    when: (k) => !k.accepted.has(HOST_USO),
    kept: (k) => k.gso !== UDP_L4,
    said: (k) => `gso_type of a frame is ${k.gso}, without HOST_USO`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D23': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST use gso_type NONE if it negotiated none of HOST_TSO4, HOST_TSO6, HOST_USO and HOST_UFO.',
    advice: 'Clear the header of every frame before filling it in.',
    on: 'sends',
    // The types that need a feature of their own have rules of their own.
    when: (k) => !cuts(k.accepted) && !hasRule(k.gso),
    kept: (k) => k.gso === NONE,
    said: (k) => `gso_type of a frame is ${k.gso}, without any segmentation offload`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-TX-D24': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST set NEEDS_CSUM in every GSO frame.',
    advice:
      'Set NEEDS_CSUM with csum_start and csum_offset of the TCP or UDP header: each segment gets its own checksum.',
    on: 'sends',
    when: (k) => k.gso !== NONE,
    kept: (k) => (k.flags & NEEDS_CSUM) !== 0,
    said: (k) => `the flags of a frame with gso_type ${k.gso} are ${hex(k.flags, 2)}, without NEEDS_CSUM`,
    facts: fields,
  },
  'virtio/NET-TX-D25': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST set gso_size in every GSO frame.',
    advice: 'Write how many bytes of payload each segment gets: the MSS of the connection.',
    on: 'sends',
    when: (k) => k.gso !== NONE,
    kept: (k) => k.gsoSize !== 0,
    said: (k) => `gso_size of a frame with gso_type ${k.gso} is ${k.gsoSize}`,
    facts: fields,
  },
  'virtio/NET-TX-D33': {
    where: PACKET_TRANSMISSION,
    text: 'A driver MUST NOT set DATA_VALID or RSC_INFO in a frame that it sends.',
    advice: 'Clear both bits, which only a device sets, when you forward a received header.',
    on: 'sends',
    kept: (k) => (k.flags & (DATA_VALID | RSC_INFO)) === 0,
    said: (k) => `the flags of a frame that was sent are ${hex(k.flags, 2)}`,
    facts: fields,
    follows: ['virtio/NET-TX-D34'],
  },
} as const satisfies Rules<HeaderKnows, 'sends'>;

/** Whether the header has the field num_buffers. */
function hasBuffers(accepted: BitSet): boolean {
  return accepted.has(MRG_RXBUF) || accepted.has(FEATURE.VERSION_1);
}

/** Whether the card segments any frames. GSO is from drafts of the standard, where it meant all the others. */
export function cuts(accepted: BitSet): boolean {
  return (
    accepted.has(HOST_TSO4) ||
    accepted.has(HOST_TSO6) ||
    accepted.has(HOST_USO) ||
    accepted.has(HOST_UFO) ||
    accepted.has(GSO)
  );
}

/** Whether this gso_type has a rule of its own. */
function hasRule(gso: number): boolean {
  return gso === TCPV4 || gso === TCPV6 || gso === UDP || gso === UDP_L4;
}

function fields({ flags, gso, gsoSize, buffers }: HeaderKnows): string[] {
  return [
    `virtio_net_hdr: flags ${hex(flags, 2)}, gso_type ${gso}, gso_size ${gsoSize}, num_buffers ${buffers}`,
  ];
}
