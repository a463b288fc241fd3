import { get16, get32, put16 } from '../../core/big-endian.ts';
import { internetChecksum, internetSum } from '../frame/checksum.ts';
import { ETHERTYPE, ethernet, FLAGS_FRAGMENT, ipv4 } from '../frame/headers.ts';
import type { Address, Ipv4 } from './address.ts';

const { MF, OFFSET, DF } = FLAGS_FRAGMENT.mask;
const AT = ethernet.size;
const [VERSION, SMALLEST_IHL] = [4, 5];
/** TTL, recommended by RFC 1700. */
const TTL = 64;

/** A whole datagram, of IPv4 by default, without its header. */
export interface Datagram<A extends Address = Ipv4> {
  readonly source: A;
  readonly destination: A;
  readonly protocol: number;
  /** In a received one: valid only during the call. */
  readonly payload: Uint8Array;
}

/** The MAC addresses of both ends of a wire. */
interface Link {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/** The datagram of an Ethernet frame; null for a fragment, a bad header, and other frames. */
export function datagramIn(frame: Uint8Array): Datagram | null {
  if (frame.length < AT + ipv4.size || get16(frame, ethernet.offset.ethertype) !== ETHERTYPE.IPV4)
    return null;
  const versionIhl = frame[AT]!;
  const header = (versionIhl & 0xf) * 4;
  const total = get16(frame, AT + ipv4.offset.total_length);
  if (versionIhl >> 4 !== VERSION || header < ipv4.size || total < header || AT + total > frame.length)
    return null;
  if (internetChecksum(frame, AT, AT + header) !== 0) return null;
  if ((get16(frame, AT + ipv4.offset.flags_fragment) & (MF | OFFSET)) !== 0) return null;
  return {
    source: get32(frame, AT + ipv4.offset.source),
    destination: get32(frame, AT + ipv4.offset.destination),
    protocol: frame[AT + ipv4.offset.protocol]!,
    payload: frame.subarray(AT + header, AT + total),
  };
}

/** An Ethernet frame with the datagram in it. */
export function frameOf(
  { source, destination }: Link,
  datagram: Datagram,
  identification: number,
): Uint8Array {
  const { payload } = datagram;
  const frame = new Uint8Array(AT + ipv4.size + payload.length);
  ethernet.encode({ source, destination, ethertype: ETHERTYPE.IPV4 }, frame);
  ipv4.encode(
    {
      version_ihl: (VERSION << 4) | SMALLEST_IHL,
      tos: 0,
      total_length: ipv4.size + payload.length,
      identification,
      flags_fragment: DF,
      ttl: TTL,
      protocol: datagram.protocol,
      header_checksum: 0,
      source: datagram.source,
      destination: datagram.destination,
    },
    frame,
    AT,
  );
  put16(frame, AT + ipv4.offset.header_checksum, internetChecksum(frame, AT, AT + ipv4.size));
  frame.set(payload, AT + ipv4.size);
  return frame;
}

/** The sum over the pseudo-header of TCP and UDP (RFC 9293, 3.1; RFC 768; RFC 8200, 8.1). */
export function pseudoSum({ source, destination, protocol, payload }: Datagram<Address>): number {
  const sum = addressSum(source) + addressSum(destination) + protocol + payload.length;
  return (sum & 0xffff) + (sum >>> 16);
}

function addressSum(address: Address): number {
  if (typeof address !== 'number') return internetSum(address, 0, address.length);
  return (address >>> 16) + (address & 0xffff);
}
