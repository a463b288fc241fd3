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

/** What the rules know of a frame and of its header's claims. */
export interface ClaimKnows extends Knows {
  readonly accepted: BitSet;
  /** When these features were accepted. */
  readonly negotiatedAt: Mark;
  readonly sent: SentFrame;
  /** Where its headers are. */
  readonly at: FrameLayout;
  /** Headers of the packet within a tunnel, where `place` is WITHIN; and of the packet to be segmented. */
  readonly inner: FrameLayout;
  readonly packet: FrameLayout;
  /** The state of the outer UDP checksum, of `OUTER`. */
  readonly outer: number;
  /** gso_type without its flag bits. */
  readonly gso: number;
  /** Of a frame with an open checksum: what csum_start and csum_offset point at, of `PLACE`. */
  readonly place: number;
  /** The IP header before csum_start, where csum_start is right. */
  readonly ip: number;
  /** Of a frame without an open checksum: the state of its checksums, of `SUMS`; and whether one was left open. */
  readonly sums: number;
  readonly leftOpen: boolean;
  /** The header is big-endian; and what csum_start and csum_offset point at if they are read little-endian. */
  readonly big: boolean;
  readonly swapped: number;
  /** The address in the configuration, and whether the driver ever read it. */
  mac(): Uint8Array;
  readonly macRead: boolean;
  /** mtu of the configuration. */
  readonly mtu: number;
  /** Bytes of the longest packet that the network is known to carry. */
  readonly carried: number | null;
}

/**
 * `open`: a frame whose checksum the card is to finish. `closed`: an IP packet without an open checksum or segmentation.
 * `large`: one to be segmented. `claimed`: one with any flag or gso_type. `whole`: one whose header has every field.
 * `bounded`: one that mtu limits. `frame`: any IP packet. `first`: the first IP or ARP packet.
 */
export type ClaimMoment = 'open' | 'closed' | 'large' | 'claimed' | 'whole' | 'bounded' | 'frame' | 'first';

/** gso_type without its flag bits, of ECN and of tunnels. */
export function gsoOf(gsoType: number): number {
  return gsoType & ~(NET_HDR_GSO.ECN | EITHER);
}

/** The bits of gso_type that request segmentation within a tunnel. */
export function tunnelBits({ sent }: ClaimKnows): number {
  return sent.gsoType & EITHER;
}

/** Whether a frame is to be segmented within a tunnel, by a card that does so. */
export function isTunnelled(k: ClaimKnows): boolean {
  return tunnelBits(k) !== 0 && k.accepted.has(NET_FEATURE.HOST_UDP_TUNNEL_GSO);
}

/** Whether it is known what is to be segmented: within a tunnel, csum_start shows it. */
export function isKnown(k: ClaimKnows): boolean {
  return k.packet !== k.at || !isTunnelled(k);
}

/** Whether the header says that the outer checksum is open, too. */
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
