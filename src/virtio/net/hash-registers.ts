import { ENCAPSULATION } from '../../net/frame/tunnel.ts';

/** Hash types (virtio 1.4, Hash calculation). */
export const NET_HASH_TYPE = {
  IPv4: 1 << 0,
  TCPv4: 1 << 1,
  UDPv4: 1 << 2,
  IPv6: 1 << 3,
  TCPv6: 1 << 4,
  UDPv6: 1 << 5,
  IP_EX: 1 << 6,
  TCP_EX: 1 << 7,
  UDP_EX: 1 << 8,
} as const;
/** Hash reports in the header of a frame. */
export const NET_HASH_REPORT = {
  NONE: 0,
  IPv4: 1,
  TCPv4: 2,
  UDPv4: 3,
  IPv6: 4,
  TCPv6: 5,
  UDPv6: 6,
  IPv6_EX: 7,
  TCPv6_EX: 8,
  UDPv6_EX: 9,
} as const;
const all = (table: Readonly<Record<string, number>>) =>
  Object.values(table).reduce((mask, bit) => mask | bit, 0);

/** All that the standard defines. */
export const HASH_TYPES = all(NET_HASH_TYPE);
export const TUNNEL_TYPES = all(ENCAPSULATION);
/** Undefined bits of supported_tunnel_types. */
export const UNDESCRIBED_TUNNELS = Array.from({ length: 23 }, (_, i) => 2 ** (9 + i));
