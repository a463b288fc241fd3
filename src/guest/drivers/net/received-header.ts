import {
  NET_HDR_F,
  NET_HDR_GSO,
  NET_HDR_SIZE,
  NET_HDR_UDP_TUNNEL,
  virtio_net_hdr_whole,
} from '../../../virtio/net/registers.ts';
import type { BufferLayout } from './buffer-layout.ts';

const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { CSUM, GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
const EITHER = GSO_IPV4 | GSO_IPV6;
const at = virtio_net_hdr_whole.offset;

/** The device's description of a frame. */
export interface ReceivedHeader {
  /** NEEDS_CSUM 1: the checksum at csum_start + csum_offset is partial; DATA_VALID 2: it was verified. */
  readonly flags: number;
  /** 0 an ordinary frame, 1 joined TCP/IPv4 segments, 4 TCP/IPv6; with 20 or 40 hexadecimal, in a tunnel over UDP. */
  readonly gso_type: number;
  /** Length of the headers: a hint that no driver may rely on. */
  readonly hdr_len: number;
  /** Payload bytes of each segment. */
  readonly gso_size: number;
  readonly csum_start: number;
  readonly csum_offset: number;
  /** With HASH_REPORT the hash of the frame, and its type, NET_HASH_REPORT; else 0. */
  readonly hash_value: number;
  readonly hash_report: number;
  /** For a tunnel in gso_type: offsets of outer UDP and inner IP; 0 if the header has no such fields. */
  readonly outer_th_offset: number;
  readonly inner_nh_offset: number;
}

export function decodeHeader(bytes: Uint8Array, { header, fields }: BufferLayout): ReceivedHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const half = (offset: number) => view.getUint16(offset, fields.endian === 'le');
  const hashed = header >= NET_HDR_SIZE.hash;
  const tunnels = header >= NET_HDR_SIZE.tunnel;
  return {
    flags: bytes[at.flags]!,
    gso_type: bytes[at.gso_type]!,
    hdr_len: half(at.hdr_len),
    gso_size: half(at.gso_size),
    csum_start: half(at.csum_start),
    csum_offset: half(at.csum_offset),
    hash_value: hashed ? view.getUint32(at.hash_value, true) : 0,
    hash_report: hashed ? view.getUint16(at.hash_report, true) : 0,
    outer_th_offset: tunnels ? half(at.outer_th_offset) : 0,
    inner_nh_offset: tunnels ? half(at.inner_nh_offset) : 0,
  };
}

/** Whether a frame must be dropped for its tunnel fields (virtio 1.4, Processing of Incoming Packets). */
export function isRefused(
  { flags, gso_type }: ReceivedHeader,
  { tunnels, tunnelCsum }: BufferLayout,
): boolean {
  if (!tunnels) return false;
  const open = (flags & NEEDS_CSUM) !== 0;
  const kind = gso_type & EITHER;
  if (kind === 0) return tunnelCsum && open && (flags & CSUM) !== 0;
  const cut = (gso_type & ~(EITHER | NET_HDR_GSO.ECN)) !== NET_HDR_GSO.NONE;
  return kind === EITHER || !open || !cut || (flags & DATA_VALID) !== 0;
}
