import { put16, put32 } from '../../../core/big-endian.ts';
import type { Clock } from '../../../core/clock.ts';
import { ethernet, ipv6, PROTOCOL, udp } from '../../frame/headers.ts';
import { DNS, dnsAnswer, type Names, type Names6 } from '../dns.ts';
import { NTP, ntpAnswer } from '../ntp.ts';
import { DHCP6_PORT, dhcp6Answer, type Lease6 } from './dhcp.ts';
import { frameOf6, isSame, linkLocalOf, type Packet6, packetIn } from './packet.ts';

const SOURCE = { at: 6, end: 12 } as const;
/** All nodes on the link: the destination of answers to a node without an address. */
const ALL_NODES = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const MULTICAST = 0xff;

/** ICMPv6 types: RFC 4443 and RFC 4861. */
const TYPE = {
  ECHO: 128,
  ECHO_REPLY: 129,
  ROUTER_SOLICITATION: 133,
  ROUTER_ADVERTISEMENT: 134,
  NEIGHBOUR_SOLICITATION: 135,
  NEIGHBOUR_ADVERTISEMENT: 136,
} as const;
const OPTION = { SOURCE_MAC: 1, TARGET_MAC: 2, MTU: 5 } as const;
const TARGET = { at: 8, end: 24 } as const;
/** The Managed and Other flags: addresses and all else come by DHCPv6. */
const MANAGED_AND_OTHER = 0xc0;
/** The flags Router, Solicited and Override. */
const ROUTER_SOLICITED_OVERRIDE = 0xe0;
const [HOP_LIMIT, LIFETIME] = [64, 1800];

/** What the gateway advertises. */
interface Router {
  readonly mac: Uint8Array;
  readonly mtu: number;
}

/** The gateway's answer to an ICMPv6 message, without its checksum; null for none. */
function icmp6Answer(message: Uint8Array, router: Router): Uint8Array | null {
  switch (message[0]) {
    case TYPE.ECHO:
      return Uint8Array.of(TYPE.ECHO_REPLY, ...message.subarray(1));
    case TYPE.ROUTER_SOLICITATION:
      return routerAdvertisement(router);
    case TYPE.NEIGHBOUR_SOLICITATION:
      return message.length < TARGET.end ? null : neighbourAdvertisement(targetOf(message), router.mac);
    default:
      return null;
  }
}

/** The address asked for in a Neighbor Solicitation; null for other messages. */
function askedFor(message: Uint8Array): Uint8Array | null {
  return message[0] === TYPE.NEIGHBOUR_SOLICITATION && message.length >= TARGET.end
    ? targetOf(message)
    : null;
}

function isEcho(message: Uint8Array): boolean {
  return message[0] === TYPE.ECHO;
}

function targetOf(message: Uint8Array): Uint8Array {
  return message.subarray(TARGET.at, TARGET.end);
}

/** RFC 4861, 4.2: link address and MTU. No prefix: only the gateway is on-link. */
function routerAdvertisement({ mac, mtu }: Router): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set([TYPE.ROUTER_ADVERTISEMENT, 0, 0, 0, HOP_LIMIT, MANAGED_AND_OTHER]);
  put16(bytes, 6, LIFETIME);
  bytes.set([OPTION.SOURCE_MAC, 1, ...mac], 16);
  bytes.set([OPTION.MTU, 1], 24);
  put32(bytes, 28, mtu);
  return bytes;
}

/** RFC 4861, 4.4. */
function neighbourAdvertisement(target: Uint8Array, mac: Uint8Array): Uint8Array {
  const head = [TYPE.NEIGHBOUR_ADVERTISEMENT, 0, 0, 0, ROUTER_SOLICITED_OVERRIDE, 0, 0, 0];
  return Uint8Array.of(...head, ...target, OPTION.TARGET_MAC, 1, ...mac);
}

/** IPv6 of Compute Engine: the gateway advertises itself, leases an address by DHCPv6 and answers neighbour discovery. */
export class Gateway6 {
  /** Whether the guest was given its address. */
  leased = false;
  /** The machine's clock; null without one. */
  clock: Clock | null = null;
  private readonly lease: Lease6;
  private readonly names: Names;
  private readonly names6: Names6;
  private readonly mtu: number;
  private readonly own: Uint8Array;

  constructor(lease: Lease6, names: Names, mtu: number, names6: Names6 = new Map()) {
    this.lease = lease;
    this.names = names;
    this.names6 = names6;
    this.mtu = mtu;
    this.own = linkLocalOf(lease.mac);
  }

  /** The answer to a frame of the guest; null for none. */
  answer(frame: Uint8Array): Uint8Array | null {
    const packet = packetIn(frame);
    if (packet === null || packet.protocol === PROTOCOL.TCP) return null;
    const payload = packet.protocol === PROTOCOL.UDP ? this.udpAnswer(packet) : this.icmpAnswer(packet);
    if (payload === null) return null;
    const isNobody = packet.source.every((byte) => byte === 0);
    const destination = isNobody ? ALL_NODES : packet.source.slice();
    const source = this.sourceOf(packet);
    const link = { source: this.lease.mac, destination: frame.slice(SOURCE.at, SOURCE.end) };
    return frameOf6(link, { source, destination, protocol: packet.protocol, payload });
  }

  /** An ICMPv6 message to the sender of an IPv6 frame. */
  tell(frame: Uint8Array, payload: Uint8Array): Uint8Array {
    const { source: destination } = ipv6.decode(frame, ethernet.size);
    const link = { source: this.lease.mac, destination: frame.slice(SOURCE.at, SOURCE.end) };
    return frameOf6(link, { source: this.own, destination, protocol: PROTOCOL.ICMPV6, payload });
  }

  /** Echo replies and UDP come from the requested address; everything else from the gateway's. */
  private sourceOf({ destination, payload, protocol }: Packet6): Uint8Array {
    const isThere = destination[0] !== MULTICAST && (protocol === PROTOCOL.UDP || isEcho(payload));
    return isThere ? destination.slice() : this.own;
  }

  /** Ignores duplicate address detection and solicitations for the guest's own address. */
  private icmpAnswer({ source, payload }: Packet6): Uint8Array | null {
    const target = askedFor(payload);
    const looksForTwin = target !== null && source.every((byte) => byte === 0);
    const isOwn = target !== null && isSame(target, this.lease.address);
    const { mac } = this.lease;
    return looksForTwin || isOwn ? null : icmp6Answer(payload, { mac, mtu: this.mtu });
  }

  private udpAnswer({ destination, payload }: Packet6): Uint8Array | null {
    if (payload.length < udp.size) return null;
    const { source_port, destination_port } = udp.decode(payload);
    const bytes = payload.subarray(udp.size);
    if (destination_port === DHCP6_PORT.SERVER)
      return messageOf(destination_port, DHCP6_PORT.CLIENT, this.lend(bytes));
    if (!isSame(destination, this.lease.server)) return null;
    const { names, names6, clock } = this;
    if (destination_port === DNS) return messageOf(DNS, source_port, dnsAnswer(bytes, names, names6));
    const isTime = destination_port === NTP && clock !== null;
    return isTime ? messageOf(NTP, source_port, ntpAnswer(bytes, clock)) : null;
  }

  private lend(request: Uint8Array): Uint8Array | null {
    const answer = dhcp6Answer(request, this.lease);
    if (answer?.isLease) this.leased = true;
    return answer?.bytes ?? null;
  }
}

function messageOf(
  source_port: number,
  destination_port: number,
  bytes: Uint8Array | null,
): Uint8Array | null {
  if (bytes === null) return null;
  const length = udp.size + bytes.length;
  const message = new Uint8Array(length);
  udp.encode({ source_port, destination_port, length }, message);
  message.set(bytes, udp.size);
  return message;
}
