import { put16, put32 } from '../../frame/big-endian.ts';

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
export function icmp6Answer(message: Uint8Array, router: Router): Uint8Array | null {
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
export function askedFor(message: Uint8Array): Uint8Array | null {
  return message[0] === TYPE.NEIGHBOUR_SOLICITATION && message.length >= TARGET.end
    ? targetOf(message)
    : null;
}

export function isEcho(message: Uint8Array): boolean {
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
