import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

/** Bytes of an Ethernet address. */
export const MAC_BYTES = 6;

export const ethernet = struct('ethernet', 'be', {
  destination: { bytes: MAC_BYTES },
  source: { bytes: MAC_BYTES },
  ethertype: 'u16',
});
/** IEEE 802.1Q: comes before the actual EtherType; its own type (TPID) is where the EtherType was. */
export const vlan_tag = struct('vlan_tag', 'be', { tpid: 'u16', tci: 'u16' });
export const ETHERTYPE = {
  IPV4: 0x0800,
  ARP: 0x0806,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  /** A frame inside a packet: RFC 1701, RFC 7637. */
  BRIDGED: 0x6558,
  /** IEEE 802.1X. */
  EAPOL: 0x888e,
  /** IEEE 802.1ad, the outer of two tags. */
  QINQ: 0x88a8,
  LLDP: 0x88cc,
} as const;
/** Below it the field is a length: IEEE 802.3. */
export const ETHERTYPE_LEAST = 0x0600;

/** RFC 791, section 3.1. */
export const ipv4 = struct('ipv4', 'be', {
  version_ihl: 'u8',
  tos: 'u8',
  total_length: 'u16',
  identification: 'u16',
  flags_fragment: 'u16',
  ttl: 'u8',
  protocol: 'u8',
  header_checksum: 'u16',
  source: 'u32',
  destination: 'u32',
});
export const FLAGS_FRAGMENT = register('flags_fragment', ipv4.offset.flags_fragment, 2, {
  DF: { at: 14, doc: 'do not fragment' },
  MF: { at: 13, doc: 'more fragments' },
  OFFSET: { at: [12, 0], doc: 'in units of 8 bytes' },
});
export const PROTOCOL = { ICMP: 1, IPIP: 4, TCP: 6, UDP: 17, GRE: 47, ICMPV6: 58 } as const;
/** IPv4 source route options, and the bit of options that are copied to every fragment: RFC 791. */
export const IPV4_OPTION = { END: 0, NOP: 1, LOOSE_ROUTE: 131, STRICT_ROUTE: 137, COPIED: 0x80 } as const;

/** RFC 8200, section 3. */
export const ipv6 = struct('ipv6', 'be', {
  version_class_flow: 'u32',
  payload_length: 'u16',
  next_header: 'u8',
  hop_limit: 'u8',
  source: { bytes: 16 },
  destination: { bytes: 16 },
});

/** Extension headers of IPv6, by the number in the header before: RFC 8200, section 4, and RFC 4302. */
export const IPV6_EXTENSION = {
  HOP_BY_HOP: 0,
  ROUTING: 43,
  FRAGMENT: 44,
  AUTHENTICATION: 51,
  DESTINATION: 60,
} as const;
export const IPV6_FRAGMENT = register('fragment', 2, 2, {
  OFFSET: { at: [15, 3], doc: 'in units of 8 bytes' },
  MORE: { at: 0 },
});

/** RFC 9293, section 3.1. */
export const tcp = struct('tcp', 'be', {
  source_port: 'u16',
  destination_port: 'u16',
  sequence: 'u32',
  acknowledgment: 'u32',
  data_offset: 'u8',
  flags: 'u8',
  window: 'u16',
  checksum: 'u16',
  urgent: 'u16',
});
export const TCP_FLAGS = register('TCP flags', tcp.offset.flags, 1, {
  CWR: { at: 7, doc: 'RFC 3168' },
  ECE: { at: 6, doc: 'RFC 3168' },
  URG: { at: 5 },
  ACK: { at: 4 },
  PSH: { at: 3 },
  RST: { at: 2 },
  SYN: { at: 1 },
  FIN: { at: 0 },
});

/** RFC 768. */
export const udp = struct('udp', 'be', {
  source_port: 'u16',
  destination_port: 'u16',
  length: 'u16',
  checksum: 'u16',
});

/** RFC 792 and RFC 4443: the checksum is in the third byte. */
export const icmp = struct('icmp', 'be', { type: 'u8', code: 'u8', checksum: 'u16' });

/** The longest IP datagram: total_length has 16 bits. */
export const LONGEST_DATAGRAM = 0xffff;
/** Maximum number of VLAN tags that are parsed. */
export const TAGS_MOST = 4;
/** The longest frame of one datagram: the length in an IPv6 header does not count that header. */
export const LONGEST_FRAME = ethernet.size + TAGS_MOST * vlan_tag.size + ipv6.size + LONGEST_DATAGRAM;
