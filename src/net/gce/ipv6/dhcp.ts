import { get16, put16, put32 } from '../../../core/big-endian.ts';
import { nameBytes } from '../name.ts';

/** RFC 8415, 7.2. */
export const DHCP6_PORT = { CLIENT: 546, SERVER: 547 } as const;
/** RFC 8415, 7.3. */
const TYPE = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  CONFIRM: 4,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  INFORMATION: 11,
} as const;
/** RFC 8415, 21; 23 and 24 are RFC 3646's. */
const OPTION = { CLIENT: 1, SERVER: 2, IA_NA: 3, ADDRESS: 5, RAPID: 14, DNS: 23, DOMAINS: 24 } as const;
const HEAD = 4;
const HALF_OF = { renew: 0.5, rebind: 0.8 } as const;

/** What a guest's lease tells it. */
export interface Lease6 {
  readonly address: Uint8Array;
  /** The server for leases and names. */
  readonly server: Uint8Array;
  /** The server's MAC address: its DUID is made of it. */
  readonly mac: Uint8Array;
  readonly seconds: number;
  readonly domains: readonly string[];
}

/** The server's answer; null for none. `isLease` says that the client may use its address from now on. */
export function dhcp6Answer(
  message: Uint8Array,
  lease: Lease6,
): { readonly bytes: Uint8Array; readonly isLease: boolean } | null {
  const options = message.length < HEAD ? null : optionsIn(message.subarray(HEAD));
  if (options === null) return null;
  const type = typeOf(message[0]!, options);
  const client = options.get(OPTION.CLIENT);
  if (type === null || (client === undefined && message[0] !== TYPE.INFORMATION)) return null;
  const association = message[0] === TYPE.RELEASE ? undefined : options.get(OPTION.IA_NA);
  const parts = [
    Uint8Array.of(type, ...message.subarray(1, HEAD)),
    option(OPTION.SERVER, duidOf(lease.mac)),
    ...(client === undefined ? [] : [option(OPTION.CLIENT, client)]),
    ...(association === undefined || association.length < 4 ? [] : [association6(association, lease)]),
    ...(type === TYPE.REPLY && message[0] === TYPE.SOLICIT ? [option(OPTION.RAPID, new Uint8Array(0))] : []),
    option(OPTION.DNS, lease.server),
    option(OPTION.DOMAINS, Buffer.concat(lease.domains.map(nameBytes))),
  ];
  return {
    bytes: Uint8Array.from(Buffer.concat(parts)),
    isLease: type === TYPE.REPLY && association !== undefined,
  };
}

/** RFC 8415, 18.3. */
function typeOf(asked: number, options: ReadonlyMap<number, Uint8Array>): number | null {
  if (asked === TYPE.SOLICIT) return options.has(OPTION.RAPID) ? TYPE.REPLY : TYPE.ADVERTISE;
  const answered: readonly number[] = [
    TYPE.REQUEST,
    TYPE.CONFIRM,
    TYPE.RENEW,
    TYPE.REBIND,
    TYPE.RELEASE,
    TYPE.INFORMATION,
  ];
  return answered.includes(asked) ? TYPE.REPLY : null;
}

/** The client's identity association with its IAID, and the address in it. */
function association6(asked: Uint8Array, { address, seconds }: Lease6): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(asked.subarray(0, 4));
  put32(bytes, 4, seconds * HALF_OF.renew);
  put32(bytes, 8, seconds * HALF_OF.rebind);
  const inner = new Uint8Array(24);
  inner.set(address);
  put32(inner, 16, seconds);
  put32(inner, 20, seconds);
  return option(OPTION.IA_NA, Buffer.concat([bytes, option(OPTION.ADDRESS, inner)]));
}

/** RFC 8415, 11.4: type 3, of Ethernet. */
function duidOf(mac: Uint8Array): Uint8Array {
  return Uint8Array.of(0, 3, 0, 1, ...mac);
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + value.length);
  put16(bytes, 0, code);
  put16(bytes, 2, value.length);
  bytes.set(value, 4);
  return bytes;
}

/** Null if an option ends after the message. */
function optionsIn(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | null {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + get16(bytes, at + 2);
    if (end > bytes.length) return null;
    options.set(get16(bytes, at), bytes.subarray(at + 4, end));
    at = end;
  }
  return options;
}
