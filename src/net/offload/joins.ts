import { get16 } from '../../core/big-endian.ts';
import { internetSum, pseudoSum } from '../frame/checksum.ts';
import { ipv4, ipv6, PROTOCOL, TCP_FLAGS, udp } from '../frame/headers.ts';
import type { FrameLayout } from '../frame/layout.ts';
import type { Sums } from './coalesced.ts';

/** What a guest accepts joined: TCP segments and UDP datagrams, by IP version, and fragments of a UDP datagram. */
export interface Joins {
  readonly tcp4: boolean;
  readonly tcp6: boolean;
  readonly udp4: boolean;
  readonly udp6: boolean;
  readonly fragments: boolean;
  /** The same in tunnels over UDP; and with a checksum in outer UDP. */
  readonly tunnels: boolean;
  readonly tunnelSums: boolean;
  /** Also TCP connections that signal congestion (RFC 3168). */
  readonly ecn: boolean;
  /** Also duplicate acknowledgments: the first is delivered, with their number. */
  readonly acks: boolean;
}

export const NO_JOINS: Joins = {
  tcp4: false,
  tcp6: false,
  udp4: false,
  udp6: false,
  fragments: false,
  tunnels: false,
  tunnelSums: false,
  ecn: false,
  acks: false,
};

const { ACK, PSH, ECE, CWR } = TCP_FLAGS.mask;
const FLAGS = TCP_FLAGS.offset;
const RIGHT = 0xffff;

/**
 * Checksums of a TCP or UDP packet: a card may mark it valid if they are good; `none` also if they cannot be checked.
 * @param copy where the frame is, too, from `base` on: its payload is summed there.
 */
export function sumsOf(frame: Uint8Array, at: FrameLayout, copy: Uint8Array = frame, base = 0): Sums {
  const { ip, version, transport, upper, end, protocol, fragment } = at;
  if (transport === 0 || fragment || end > frame.length || end < at.payload) return 'none';
  if (version === 4 && internetSum(frame, ip, upper) !== RIGHT) return 'bad';
  if (protocol === PROTOCOL.UDP) {
    if (get16(frame, transport + udp.offset.checksum) === 0) return 'none';
    if (get16(frame, transport + udp.offset.length) !== end - transport) return 'bad';
  }
  const seed = pseudoSum(frame, at, end - transport);
  const sum = internetSum(copy, base + transport, base + end, seed);
  return sum === RIGHT ? 'good' : 'bad';
}

/** Whether a frame with good checksums may be joined to others: plain headers, no padding, no special flags. */
export function mayJoin(frame: Uint8Array, at: FrameLayout, joins: Joins): boolean {
  const { ip, version, transport, payload, protocol } = at;
  if (at.end !== frame.length || at.upper !== ip + (version === 4 ? ipv4.size : ipv6.size)) return false;
  const empty = payload === frame.length;
  if (protocol === PROTOCOL.UDP) return !empty && (version === 4 ? joins.udp4 : joins.udp6);
  if (version === 4 ? !joins.tcp4 : !joins.tcp6) return false;
  const flags = frame[transport + FLAGS]!;
  if (empty) return joins.acks && flags === ACK;
  return (flags & ~(PSH | (joins.ecn ? ECE | CWR : 0))) === ACK;
}

/** Whether a packet's outer headers allow joining: plain headers, and a checksum that may be left partial, or none. */
export function mayCarry(frame: Uint8Array, at: FrameLayout, sums: Sums, joins: Joins): boolean {
  const { ip, version, transport } = at;
  if (at.end !== frame.length || at.upper !== ip + (version === 4 ? ipv4.size : ipv6.size)) return false;
  if (get16(frame, transport + udp.offset.length) !== frame.length - transport) return false;
  return sums === 'none' || (sums === 'good' && joins.tunnelSums);
}
