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

/** What the device said about a frame, besides its bytes. */
export interface ReceivedHeader {
  /** NEEDS_CSUM 1: the checksum at csum_start + csum_offset is not finished; DATA_VALID 2: it was verified. */
  readonly flags: number;
  /** 0 an ordinary frame, 1 many TCP/IPv4 segments in one, 4 TCP/IPv6; with 20 or 40 hexadecimal, within a tunnel over UDP. */
  readonly gso_type: number;
  /** How long the headers may be: a hint, and no driver is to trust it. */
  readonly hdr_len: number;
  /** Payload bytes of each segment. */
  readonly gso_size: number;
  readonly csum_start: number;
  readonly csum_offset: number;
  /** With HASH_REPORT the hash of the frame, and over what it was taken: NET_HASH_REPORT; else 0. */
  readonly hash_value: number;
  readonly hash_report: number;
  /** Of a tunnel that gso_type names: where UDP around begins, and IP within; 0 where the header has no such fields. */
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

/** Whether a frame is not to be accepted for what is said of a tunnel (virtio 1.4, Processing of Incoming Packets). */
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
