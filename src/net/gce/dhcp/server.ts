import { get32 } from '../../../core/big-endian.ts';
import { bytesOf, type Ipv4 } from '../../stack/address.ts';
import {
  BROADCAST_FLAG,
  bootServer,
  COOKIE,
  dhcp,
  type Lease,
  leaseOptions,
  OP,
  OPTION,
  optionsIn,
  TYPE,
} from './message.ts';

/** RFC 2131, 4.1. */
export const DHCP_PORT = { SERVER: 67, CLIENT: 68 } as const;
/** The length that every client accepts; some accept nothing shorter (RFC 1542, 2.1). */
const SHORTEST = 300;
const BROADCAST: Ipv4 = 0xffff_ffff;

/** The answer to a client. */
interface DhcpAnswer {
  readonly bytes: Uint8Array;
  readonly to: Ipv4;
  /** The client may use its address from now on. */
  readonly isAck: boolean;
}

/** The answer to a client's message; null for none. */
export function dhcpAnswer(message: Uint8Array, lease: Lease): DhcpAnswer | null {
  if (message.length < dhcp.size) return null;
  const request = dhcp.decode(message);
  if (request.op !== OP.REQUEST || request.cookie !== COOKIE) return null;
  const options = optionsIn(message.subarray(dhcp.size));
  const type = typeOf(options, request.ciaddr, lease);
  if (type === null) return null;
  const isNak = type === TYPE.NAK;
  const isInform = options.get(OPTION.MESSAGE_TYPE)![0] === TYPE.INFORM;
  const { htype, hlen, xid, flags, giaddr, chaddr } = request;
  const ciaddr = isNak ? 0 : request.ciaddr;
  const yiaddr = isNak || isInform ? 0 : lease.address;
  const boots = !isNak && lease.bootFile !== null;
  const head = dhcp.encode({
    ...{ op: OP.REPLY, htype, hlen, xid, flags, ciaddr, yiaddr, giaddr, chaddr, cookie: COOKIE },
    siaddr: isNak ? 0 : bootServer(lease),
  });
  // A name longer than the field is in the option alone.
  if (boots && lease.bootFile.length < dhcp.members.file.bytes)
    head.set(Buffer.from(lease.bootFile), dhcp.offset.file);
  const told = optionBytes(type, isNak ? [] : leaseOptions(lease, !isInform), lease.server);
  const bytes = new Uint8Array(Math.max(SHORTEST, head.length + told.length));
  bytes.set(head);
  bytes.set(told, head.length);
  return { bytes, to: placeOf(isNak, flags, ciaddr, lease), isAck: type === TYPE.ACK && !isInform };
}

/** RFC 2131, 4.3: the type of the answer. */
function typeOf(options: ReadonlyMap<number, Uint8Array>, ciaddr: Ipv4, lease: Lease): number | null {
  const wanted = addressIn(options.get(OPTION.REQUESTED_ADDRESS)) ?? ciaddr;
  const server = addressIn(options.get(OPTION.SERVER));
  switch (options.get(OPTION.MESSAGE_TYPE)?.[0]) {
    case TYPE.DISCOVER:
      return TYPE.OFFER;
    case TYPE.REQUEST:
      // It chose another server's offer.
      if (server !== null && server !== lease.server) return null;
      return wanted === lease.address ? TYPE.ACK : TYPE.NAK;
    case TYPE.INFORM:
      return TYPE.ACK;
    default:
      return null;
  }
}

/** RFC 2131, 4.1: a client with an address is answered there; one with the broadcast flag, by broadcast. */
function placeOf(isNak: boolean, flags: number, ciaddr: Ipv4, { address }: Lease): Ipv4 {
  if (isNak) return BROADCAST;
  if (ciaddr !== 0) return ciaddr;
  return (flags & BROADCAST_FLAG) !== 0 ? BROADCAST : address;
}

function optionBytes(
  type: number,
  facts: readonly (readonly [number, Uint8Array])[],
  server: Ipv4,
): Uint8Array {
  const kind = [OPTION.MESSAGE_TYPE, Uint8Array.of(type)] as const;
  const all = [kind, [OPTION.SERVER, bytesOf(server)] as const, ...facts];
  return Uint8Array.from([...all.flatMap(([code, value]) => [code, value.length, ...value]), OPTION.END]);
}

function addressIn(bytes: Uint8Array | undefined): Ipv4 | null {
  return bytes?.length === 4 ? get32(bytes, 0) : null;
}
