import type { Mark } from '../../../../core/access.ts';
import type { BitSet } from '../../../../core/bit-set.ts';
import { hex } from '../../../../core/bits.ts';
import type { Knows } from '../../../../core/watch.ts';
import type { FrameLayout } from '../../../../net/frame/layout.ts';
import type { SentFrame } from '../../../../virtio/net/events.ts';
import { NET_HDR_GSO, NET_HDR_UDP_TUNNEL } from '../../../../virtio/net/registers.ts';

export const PACKET_TRANSMISSION = 'virtio 1.4, Packet Transmission';

/** What the rules know of a frame beside what its header says of it. */
export interface ClaimKnows extends Knows {
  readonly accepted: BitSet;
  /** When what is accepted was. */
  readonly negotiatedAt: Mark;
  readonly sent: SentFrame;
  /** Where its headers are. */
  readonly at: FrameLayout;
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
  /** Bytes of the longest packet that the network is known to carry. */
  readonly carried: number | null;
}

/** A frame came that the card is to sum up, that it is not to, that it is to cut, of which anything is said; each of them; the first with an address that is used. */
export type ClaimMoment = 'open' | 'closed' | 'large' | 'claimed' | 'frame' | 'first';

/** gso_type without the bits beside it, of ECN and of tunnels. */
export function gsoOf(gsoType: number): number {
  return gsoType & ~(NET_HDR_GSO.ECN | NET_HDR_UDP_TUNNEL.GSO_IPV4 | NET_HDR_UDP_TUNNEL.GSO_IPV6);
}

/** `virtio_net_hdr: flags 01, gso_type 1, hdr_len 54, …`, and what was found in the frame. */
export function fields({ sent, at }: ClaimKnows): string[] {
  const { flags, gsoType, hdrLen, gsoSize, csumStart, csumOffset, frame } = sent;
  return [
    `virtio_net_hdr: flags ${hex(flags, 2)}, gso_type ${hex(gsoType, 2)}, hdr_len ${hdrLen}, gso_size ${gsoSize}, csum_start ${csumStart}, csum_offset ${csumOffset}`,
    `frame: ${frame.length} bytes, ${contents(at)}`,
  ];
}

function contents({ version, ip, protocol, upper, transport, payload, type }: FrameLayout): string {
  if (version === 0) return `type ${hex(type, 4)}`;
  const packet = `IPv${version} at ${ip}, protocol ${protocol}`;
  if (upper === 0) return packet;
  return transport === 0 ? `${packet} at ${upper}` : `${packet} at ${upper}, payload at ${payload}`;
}
