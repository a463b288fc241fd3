import { Toeplitz } from './checksum.ts';
import { NET_HASH_REPORT as REPORT, NET_HASH_TYPE as TYPE } from './hash-registers.ts';
import { ipv4, ipv6, PROTOCOL } from './headers.ts';
import { HomeAddresses } from './home-address.ts';
import type { FrameLayout } from './layout.ts';

const { TCP, UDP } = PROTOCOL;
const [IPV4_ADDRESS, IPV6_ADDRESS, PORTS] = [4, 16, 4];

/** The hash of a received frame, for steering and for its header (virtio 1.4, Hash calculation). */
export class FlowHash {
  /** The hash of the last frame, and its type: 0 and NONE if there is none. */
  value = 0;
  report: number = REPORT.NONE;
  private readonly types: number;
  private readonly key: Uint8Array;
  /** Made when a frame comes, since a driver may set another key any number of times. */
  private toeplitz: Toeplitz | null = null;
  private readonly home = new HomeAddresses();

  /** @param types bits of the enabled hash types. */
  constructor(types: number, key: Uint8Array) {
    this.types = types;
    this.key = key;
  }

  /** Hashes a frame whose headers are at `at`. */
  take(frame: Uint8Array, at: FrameLayout): void {
    this.report = at.version === 4 ? this.kindOf4(at) : at.version === 6 ? this.kindOf6(at) : REPORT.NONE;
    this.value = this.report === REPORT.NONE ? 0 : this.sum(frame, at) >>> 0;
  }

  private sum(frame: Uint8Array, at: FrameLayout): number {
    const { report, home } = this;
    this.toeplitz ??= new Toeplitz(this.key);
    const { toeplitz } = this;
    const { ip, version, transport } = at;
    const size = version === 4 ? IPV4_ADDRESS : IPV6_ADDRESS;
    let source = ip + (version === 4 ? ipv4.offset.source : ipv6.offset.source);
    let destination = source + size;
    if (report >= REPORT.IPv6_EX) {
      home.find(frame, ip);
      ({ source, destination } = home);
    }
    const hash = toeplitz.add(toeplitz.add(0, frame, source, size, 0), frame, destination, size, size);
    return hasPorts(report) ? toeplitz.add(hash, frame, transport, PORTS, 2 * size) : hash;
  }

  private kindOf4(at: FrameLayout): number {
    if (this.has(TYPE.TCPv4) && carries(at, TCP)) return REPORT.TCPv4;
    if (this.has(TYPE.UDPv4) && carries(at, UDP)) return REPORT.UDPv4;
    return this.has(TYPE.IPv4) ? REPORT.IPv4 : REPORT.NONE;
  }

  private kindOf6(at: FrameLayout): number {
    if (at.upper !== at.ip + ipv6.size) {
      if (this.has(TYPE.TCP_EX) && carries(at, TCP)) return REPORT.TCPv6_EX;
      if (this.has(TYPE.UDP_EX) && carries(at, UDP)) return REPORT.UDPv6_EX;
      if (this.has(TYPE.IP_EX)) return REPORT.IPv6_EX;
    }
    if (this.has(TYPE.TCPv6) && carries(at, TCP)) return REPORT.TCPv6;
    if (this.has(TYPE.UDPv6) && carries(at, UDP)) return REPORT.UDPv6;
    return this.has(TYPE.IPv6) ? REPORT.IPv6 : REPORT.NONE;
  }

  private has(type: number): boolean {
    return (this.types & type) !== 0;
  }
}

/** A fragment has no ports, and neither does a datagram's first one: all fragments of a datagram take the same queue. */
function carries({ transport, protocol, fragment }: FrameLayout, wanted: number): boolean {
  return transport !== 0 && !fragment && protocol === wanted;
}

function hasPorts(report: number): boolean {
  return report !== REPORT.IPv4 && report !== REPORT.IPv6 && report !== REPORT.IPv6_EX;
}
