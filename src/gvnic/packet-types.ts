import { PROTOCOL } from '../net/frame/headers.ts';
import type { FrameLayout } from '../net/frame/layout.ts';
import { L3_TYPE, L4_TYPE, PTYPES, ptype_entry } from './registers/admin.ts';

/** Our numbering: a type of layer 3, then one of layer 4. */
const L4_BITS = 3;
const SCTP = 132;

/** The number of a frame's type. */
export function packetType({ version, protocol, fragment }: FrameLayout): number {
  if (version === 0) return 0;
  const l3 = version === 4 ? L3_TYPE.IPV4 : L3_TYPE.IPV6;
  return (l3 << L4_BITS) | (fragment ? L4_TYPE.UNKNOWN : l4Type(protocol));
}

function l4Type(protocol: number): number {
  switch (protocol) {
    case PROTOCOL.TCP:
      return L4_TYPE.TCP;
    case PROTOCOL.UDP:
      return L4_TYPE.UDP;
    case PROTOCOL.ICMP:
    case PROTOCOL.ICMPV6:
      return L4_TYPE.ICMP;
    case SCTP:
      return L4_TYPE.SCTP;
    default:
      return L4_TYPE.OTHER;
  }
}

/** What each number means. */
export function packetTypes(): Uint8Array {
  const table = new Uint8Array(PTYPES * ptype_entry.size);
  for (const l3_type of [L3_TYPE.IPV4, L3_TYPE.IPV6])
    for (const l4_type of Object.values(L4_TYPE))
      ptype_entry.encode({ l3_type, l4_type }, table, ((l3_type << L4_BITS) | l4_type) * ptype_entry.size);
  return table;
}
