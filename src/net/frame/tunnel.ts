import { TUNNEL_PORT } from './encapsulated.ts';
import { PROTOCOL, udp } from './headers.ts';
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
