import { put16, put32 } from '../../../core/big-endian.ts';
import type { Nanos } from '../../../core/bits.ts';
import { struct } from '../../../core/struct.ts';
import { bytesOf, type Ipv4 } from '../../stack/address.ts';
import { nameBytes } from '../name.ts';

/** RFC 2131, section 2, with the magic cookie: the first four bytes of the options. */
export const dhcp = struct('dhcp', 'be', {
  op: 'u8',
  htype: 'u8',
  hlen: 'u8',
  hops: 'u8',
  xid: 'u32',
  secs: 'u16',
  flags: 'u16',
  ciaddr: 'u32',
  yiaddr: 'u32',
  siaddr: 'u32',
  giaddr: 'u32',
  chaddr: { bytes: 16 },
  sname: { bytes: 64 },
  file: { bytes: 128 },
  cookie: 'u32',
});
export const COOKIE = 0x6382_5363;
export const OP = { REQUEST: 1, REPLY: 2 } as const;
/** In `flags`: the client can receive broadcasts only. */
export const BROADCAST_FLAG = 0x8000;

/** Option codes: RFC 2132; 119 is RFC 3397's, 121 RFC 3442's, 150 RFC 5859's. */
export const OPTION = {
  PAD: 0,
  SUBNET_MASK: 1,
  ROUTER: 3,
  DNS: 6,
  HOST_NAME: 12,
  DOMAIN_NAME: 15,
  MTU: 26,
  NTP: 42,
  REQUESTED_ADDRESS: 50,
  LEASE_TIME: 51,
  MESSAGE_TYPE: 53,
  SERVER: 54,
  BOOT_FILE: 67,
  DOMAIN_SEARCH: 119,
  ROUTES: 121,
  TFTP_SERVER: 150,
  END: 255,
} as const;
/** Values of MESSAGE_TYPE: RFC 2132, 9.6. */
export const TYPE = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
  INFORM: 8,
} as const;

/** The options after the cookie; a second option of the same code continues the first (RFC 3396). */
export function optionsIn(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length && bytes[at] !== OPTION.END; ) {
    const kind = bytes[at]!;
    if (kind === OPTION.PAD) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    const value = bytes.subarray(at + 2, at + 2 + length);
    options.set(kind, Uint8Array.of(...(options.get(kind) ?? []), ...value));
    at += 2 + length;
  }
  return options;
}

const EVERY_BIT = 0xffff_ffff;
const SECOND: Nanos = 1_000_000_000;

/** What a guest's lease tells it. */
export interface Lease {
  readonly address: Ipv4;
  readonly gateway: Ipv4;
  /** The server for leases, names and time. */
  readonly server: Ipv4;
  readonly mtu: number;
  readonly time: Nanos;
  readonly hostName: string;
  /** The first is the guest's own name. */
  readonly domains: readonly [string, ...string[]];
  /** What it is to boot, if it boots from the network. */
  readonly bootFile: string | null;
}

/** The server of boot files: Compute Engine names the gateway, which has none; a guest that boots from here needs the one that does. */
export function bootServer({ bootFile, gateway, server }: Lease): Ipv4 {
  return bootFile === null ? gateway : server;
}

/** Encodes options in order of their codes. @param isLease whether they have a lease time. */
export function leaseOptions(lease: Lease, isLease: boolean): readonly (readonly [number, Uint8Array])[] {
  const { gateway, server, mtu, time, hostName, domains, bootFile } = lease;
  const put = (size: number, store: (bytes: Uint8Array) => void) => {
    const bytes = new Uint8Array(size);
    store(bytes);
    return bytes;
  };
  return [
    [OPTION.SUBNET_MASK, bytesOf(EVERY_BIT)],
    [OPTION.ROUTER, bytesOf(gateway)],
    [OPTION.DNS, bytesOf(server)],
    [OPTION.HOST_NAME, Buffer.from(hostName)],
    [OPTION.DOMAIN_NAME, Buffer.from(domains[0])],
    [OPTION.MTU, put(2, (bytes) => put16(bytes, 0, mtu))],
    [OPTION.NTP, bytesOf(server)],
    ...(isLease ? [[OPTION.LEASE_TIME, put(4, (bytes) => put32(bytes, 0, time / SECOND))] as const] : []),
    ...(bootFile === null ? [] : [[OPTION.BOOT_FILE, Buffer.from(bootFile)] as const]),
    [OPTION.DOMAIN_SEARCH, Buffer.concat(domains.map(nameBytes))],
    [OPTION.ROUTES, routes(gateway)],
    [OPTION.TFTP_SERVER, bytesOf(bootServer(lease))],
  ];
}

/** The gateway is on-link though the mask covers only the guest; everything else is behind it (RFC 3442). */
function routes(gateway: Ipv4): Uint8Array {
  const onLink = [32, ...bytesOf(gateway), 0, 0, 0, 0];
  return Uint8Array.of(...onLink, 0, ...bytesOf(gateway));
}
