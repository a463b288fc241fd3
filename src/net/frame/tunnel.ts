import { get16 } from '../../core/big-endian.ts';
import { ETHERTYPE, PROTOCOL, udp } from './headers.ts';
import { type FrameLayout, findHeaders, findPacket } from './layout.ts';
import { makeFrame, type PacketOptions, partsOf } from './make.ts';

/** VXLAN, and Geneve without options: a flag for a valid network identifier, and the identifier. */
const TUNNEL_HEADER = Uint8Array.of(8, 0, 0, 0, 0, 0, 1, 0);

/** A frame inside a tunnel over UDP. */
export interface TunnelOptions {
  /** The inner frame. Default TCP over IPv4. */
  readonly inner?: PacketOptions;
  /** The outer IP version. Default 4. */
  readonly version?: 4 | 6;
  /** The outer UDP checksum. Default none. */
  readonly sum?: 'complete' | 'partial' | 'none';
  /** Types of the outermost VLAN tags. Default none. */
  readonly tags?: readonly number[];
}

/** Offsets of the parts of such a frame: outer UDP; inner IP, TCP or UDP, its checksum and its payload. */
export function tunnelPartsOf({ inner = {}, version = 4, tags = [] }: TunnelOptions = {}) {
  const outer = partsOf({ version, tags, protocol: PROTOCOL.UDP });
  const within = outer.upper + udp.size + TUNNEL_HEADER.length;
  const { ip, upper, payload, field } = partsOf(inner);
  return {
    outerNetwork: outer.ip,
    outerTransport: outer.upper,
    innerNetwork: within + ip,
    innerTransport: within + upper,
    payload: within + payload,
    field,
  };
}

/**
 * A frame of VXLAN.
 *
 * @example
 * makeTunnel({ inner: { version: 6, sum: 'partial' }, sum: 'partial' });
 */
export function makeTunnel({ inner = {}, sum = 'none', ...around }: TunnelOptions = {}): Uint8Array {
  const payload = Uint8Array.from([...TUNNEL_HEADER, ...makeFrame(inner)]);
  return makeFrame({ ...around, protocol: PROTOCOL.UDP, port: TUNNEL_PORT.VXLAN, payload, sum });
}

/** Encapsulations, by the bits that virtio 1.4 has for them (Inner Header Hash). */
export const ENCAPSULATION = {
  GRE_2784: 1 << 0,
  GRE_2890: 1 << 1,
  GRE_7676: 1 << 2,
  GRE_UDP: 1 << 3,
  VXLAN: 1 << 4,
  VXLAN_GPE: 1 << 5,
  GENEVE: 1 << 6,
  IPIP: 1 << 7,
  NVGRE: 1 << 8,
} as const;
const { GRE_2784, GRE_2890, GRE_7676, GRE_UDP, VXLAN, VXLAN_GPE, GENEVE, IPIP, NVGRE } = ENCAPSULATION;

/** UDP destination ports of encapsulations: RFC 8086, RFC 7348, its generic protocol extension, RFC 8926. */
const TUNNEL_PORT = { GRE: 4754, VXLAN: 4789, VXLAN_GPE: 4790, GENEVE: 6081 } as const;

/** RFC 2784, with the bits of RFC 2890; those of RFC 1701 that are in neither, and the version, are 0. */
const GRE = { SIZE: 4, CHECKSUM: 0x8000, KEY: 0x2000, SEQUENCE: 0x1000, NOT: 0x4c07, FIELD: 4 } as const;
const MARKS = GRE.CHECKSUM | GRE.KEY | GRE.SEQUENCE;
/** RFC 7348, and for its extension whether and where it names the next protocol. */
const VXLAN_HEADER = { SIZE: 8, NETWORK: 8, NAMES: 4, NEXT: 3 } as const;
/** Protocols that the extension names. */
const NEXT: readonly (number | undefined)[] = [undefined, ETHERTYPE.IPV4, ETHERTYPE.IPV6, ETHERTYPE.BRIDGED];
const { BRIDGED } = ETHERTYPE;
/** RFC 8926: a version of 0, then the options' length in words. */
const GENEVE_HEADER = { SIZE: 8, VERSION: 0xc0, OPTIONS: 0x3f, PROTOCOL: 2 } as const;

/**
 * The encapsulations of a packet, as bits of `ENCAPSULATION`: more than one where standards overlap; 0 for none, and for an
 * unknown inner protocol. If there is one, `into` has the inner headers, one level deep.
 */
export function findWithin(frame: Uint8Array, outer: FrameLayout, into: FrameLayout): number {
  const { upper, protocol, version, fragment, transport } = outer;
  if (upper === 0 || fragment) return 0;
  if (protocol === PROTOCOL.GRE) return gre(frame, upper, version, into);
  if (protocol === PROTOCOL.IPIP && version === 4)
    return carried(frame, upper, ETHERTYPE.IPV4, into) ? IPIP : 0;
  if (protocol !== PROTOCOL.UDP || transport === 0) return 0;
  const { payload } = outer;
  switch (get16(frame, transport + udp.offset.destination_port)) {
    case TUNNEL_PORT.VXLAN:
      return isVxlan(frame, payload) && carried(frame, payload + VXLAN_HEADER.SIZE, BRIDGED, into)
        ? VXLAN
        : 0;
    case TUNNEL_PORT.VXLAN_GPE:
      return vxlanGpe(frame, payload, into) ? VXLAN_GPE : 0;
    case TUNNEL_PORT.GENEVE:
      return geneve(frame, payload, into) ? GENEVE : 0;
    case TUNNEL_PORT.GRE:
      return gre(frame, payload, version, into) === 0 ? 0 : GRE_UDP;
    default:
      return 0;
  }
}

/** RFC 2784 without, RFC 2890 with a key or a sequence number; with IPv6 around or within, RFC 7676; RFC 7637 with a key alone. */
function gre(frame: Uint8Array, at: number, version: number, into: FrameLayout): number {
  if (at + GRE.SIZE > frame.length) return 0;
  const marks = get16(frame, at);
  if ((marks & GRE.NOT) !== 0) return 0;
  const type = get16(frame, at + 2);
  const fields = has(marks, GRE.CHECKSUM) + has(marks, GRE.KEY) + has(marks, GRE.SEQUENCE);
  if (!carried(frame, at + GRE.SIZE + GRE.FIELD * fields, type, into)) return 0;
  const extended = (marks & (GRE.KEY | GRE.SEQUENCE)) !== 0;
  const six = version === 6 || type === ETHERTYPE.IPV6;
  const virtual = type === BRIDGED && (marks & MARKS) === GRE.KEY;
  return (six ? GRE_7676 : 0) | (extended ? GRE_2890 : six ? 0 : GRE_2784) | (virtual ? NVGRE : 0);
}

function has(marks: number, mark: number): number {
  return (marks & mark) === 0 ? 0 : 1;
}

function isVxlan(frame: Uint8Array, at: number): boolean {
  return at + VXLAN_HEADER.SIZE <= frame.length && (frame[at]! & VXLAN_HEADER.NETWORK) !== 0;
}

/** An extension without a next protocol is treated as VXLAN. */
function vxlanGpe(frame: Uint8Array, at: number, into: FrameLayout): boolean {
  if (!isVxlan(frame, at)) return false;
  const names = (frame[at]! & VXLAN_HEADER.NAMES) !== 0;
  const type = names ? NEXT[frame[at + VXLAN_HEADER.NEXT]!] : BRIDGED;
  return type !== undefined && carried(frame, at + VXLAN_HEADER.SIZE, type, into);
}

function geneve(frame: Uint8Array, at: number, into: FrameLayout): boolean {
  if (at + GENEVE_HEADER.SIZE > frame.length || (frame[at]! & GENEVE_HEADER.VERSION) !== 0) return false;
  const within = at + GENEVE_HEADER.SIZE + (frame[at]! & GENEVE_HEADER.OPTIONS) * 4;
  return carried(frame, within, get16(frame, at + GENEVE_HEADER.PROTOCOL), into);
}

/** Finds the headers of a frame, or of a packet of IP without one; false for anything else. */
function carried(frame: Uint8Array, at: number, type: number, into: FrameLayout): boolean {
  if (at > frame.length) return false;
  if (type === BRIDGED) findHeaders(frame, into, at);
  else if (type === ETHERTYPE.IPV4 || type === ETHERTYPE.IPV6) findPacket(frame, at, into);
  else return false;
  return true;
}
