import type { Mark } from '../../../../core/access.ts';
import type { BitSet } from '../../../../core/bit-set.ts';
import { hex } from '../../../../core/bits.ts';
import type { Knows } from '../../../../core/watch.ts';
import type { FrameLayout } from '../../../../net/frame/layout.ts';
import type { SentFrame } from '../../../../virtio/net/events.ts';
import { NET_FEATURE, NET_HDR_GSO, NET_HDR_UDP_TUNNEL } from '../../../../virtio/net/registers.ts';
import { PLACE } from './place.ts';

const EITHER = NET_HDR_UDP_TUNNEL.GSO_IPV4 | NET_HDR_UDP_TUNNEL.GSO_IPV6;

export const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** What the rules know of a frame beside what its header says of it. */
export interface ClaimKnows extends Knows {
  readonly accepted: BitSet;
  /** When what is accepted was. */
  readonly negotiatedAt: Mark;
  readonly sent: SentFrame;
  /** Where its headers are. */
  readonly at: FrameLayout;
  /** Those of the packet within a tunnel, where `place` is WITHIN; and those of what is to be cut, one or the other. */
  readonly inner: FrameLayout;
  readonly packet: FrameLayout;
  /** What became of the checksum of UDP around it, of `OUTER`. */
  readonly outer: number;
  /** gso_type without the bits beside it. */
  readonly gso: number;
  /** Of a frame with an open checksum: what csum_start and csum_offset point at, of `PLACE`. */
  readonly place: number;
  /** The IP header before csum_start, where that is right. */
  readonly ip: number;
  /** Of a frame without: what became of its checksums, of `SUMS`; or whether one was left open. */
  readonly sums: number;
  readonly leftOpen: boolean;
  /** The header is big-endian; and what csum_start and csum_offset point at if they are read little-endian. */
  readonly big: boolean;
  readonly swapped: number;
  /** The address in the configuration, and whether the driver ever read it. */
  mac(): Uint8Array;
  readonly macRead: boolean;
  /** Of the configuration. */
  readonly mtu: number;
  /** Bytes of the longest packet that the network is known to carry. */
  readonly carried: number | null;
}

/**
 * A frame came that the card is to sum up, that it is not to, that it is to cut, of which anything is said, with a header that has
 * all there is, that mtu bounds; each of them; the first with an address that is used.
 */
export type ClaimMoment = 'open' | 'closed' | 'large' | 'claimed' | 'whole' | 'bounded' | 'frame' | 'first';

/** gso_type without the bits beside it, of ECN and of tunnels. */
export function gsoOf(gsoType: number): number {
  return gsoType & ~(NET_HDR_GSO.ECN | EITHER);
}

/** The bits of gso_type by which a frame is to be cut within a tunnel. */
export function tunnelBits({ sent }: ClaimKnows): number {
  return sent.gsoType & EITHER;
}

/** Whether a frame is to be cut within a tunnel, by a card that does so. */
export function isTunnelled(k: ClaimKnows): boolean {
  return tunnelBits(k) !== 0 && k.accepted.has(NET_FEATURE.HOST_UDP_TUNNEL_GSO);
}

/** Whether it can be told what is to be cut: within a tunnel, csum_start leads there. */
export function isKnown(k: ClaimKnows): boolean {
  return k.packet !== k.at || !isTunnelled(k);
}

/** Whether it says that the checksum around is open, too. */
export function isFlagged({ sent }: ClaimKnows): boolean {
  return (sent.flags & NET_HDR_UDP_TUNNEL.CSUM) !== 0;
}

/** `virtio_net_hdr: flags 01, gso_type 1, hdr_len 54, …`, and what was found in the frame. */
export function fields({ sent, at, inner, place }: ClaimKnows): string[] {
  const { flags, gsoType, hdrLen, gsoSize, csumStart, csumOffset, frame } = sent;
  return [
    `virtio_net_hdr: flags ${hex(flags, 2)}, gso_type ${hex(gsoType, 2)}, hdr_len ${hdrLen}, gso_size ${gsoSize}, csum_start ${csumStart}, csum_offset ${csumOffset}${offsets(sent)}`,
    `frame: ${frame.length} bytes, ${contents(at)}`,
    ...(place === PLACE.WITHIN ? [`within it: ${contents(inner)}`] : []),
  ];
}

function offsets({ outerTransport, innerNetwork, outerNetwork }: SentFrame): string {
  if ((outerTransport | innerNetwork | outerNetwork) === 0) return '';
  return `, outer_th_offset ${outerTransport}, inner_nh_offset ${innerNetwork}, outer_nh_offset ${outerNetwork}`;
}

function contents({ version, ip, protocol, upper, transport, payload, type }: FrameLayout): string {
  if (version === 0) return `type ${hex(type, 4)}`;
  const packet = `IPv${version} at ${ip}, protocol ${protocol}`;
  if (upper === 0) return packet;
  return transport === 0 ? `${packet} at ${upper}` : `${packet} at ${upper}, payload at ${payload}`;
}
