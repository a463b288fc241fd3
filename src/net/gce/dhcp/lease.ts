import type { Nanos } from '../../../core/bits.ts';
import { put16, put32 } from '../../frame/big-endian.ts';
import { bytesOf, type Ipv4 } from '../../stack/address.ts';
import { nameBytes } from '../name.ts';
import { OPTION } from './message.ts';

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
