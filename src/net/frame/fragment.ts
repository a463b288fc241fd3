import { get16, get32 } from './big-endian.ts';
import { FLAGS_FRAGMENT, IPV6_EXTENSION, IPV6_FRAGMENT, ipv4, ipv6 } from './headers.ts';
import { extensionLength } from './ip-options.ts';
import type { FrameLayout } from './layout.ts';

const { FRAGMENT } = IPV6_EXTENSION;
const { DF, MF, OFFSET } = FLAGS_FRAGMENT.mask;
const { MORE, OFFSET: OFFSET6 } = IPV6_FRAGMENT.mask;
const { identification, flags_fragment, protocol, total_length, version_ihl } = ipv4.offset;
/** Offsets of IPv4 count in eights; those of IPv6 lie so that they need no multiplication. */
const UNIT = 8;
/** Of a fragment header of IPv6: its size, and where in it the identification is. */
const [SIZE, ID] = [8, 4];
/** May not be fragmented, and a bit that is 0 (RFC 791, section 3.1). */
const NOT = DF | 0x8000;

/** Where a fragment of IP has what, and of what datagram it is; reused from frame to frame. */
export class FragmentPlace {
  /** The headers that every fragment has end here; of IPv6, the fragment header is behind. */
  headers = 0;
  /** The part of the datagram that it has. */
  from = 0;
  to = 0;
  /** How far into the datagram's carried bytes that part begins. */
  offset = 0;
  /** Further parts lie behind. */
  more = false;
  id = 0;
  /** What the whole begins with: a protocol, or an extension header. */
  carries = 0;
  /** Of IPv6, the byte that names the fragment header. */
  namedAt = 0;
}

/** Finds it of a frame whose layout says that it is one; false if that is cut or contradicts itself. */
export function findFragment(frame: Uint8Array, at: FrameLayout, into: FragmentPlace): boolean {
  into.to = at.end;
  const found = at.version === 4 ? findIn4(frame, at.ip, into) : findIn6(frame, at.ip, into);
  const length = into.to - into.from;
  return found && length > 0 && into.to <= frame.length && !(into.more && length % UNIT !== 0);
}

function findIn4(frame: Uint8Array, ip: number, into: FragmentPlace): boolean {
  const where = get16(frame, ip + flags_fragment);
  into.headers = into.from = ip + (frame[ip + version_ihl]! & 0xf) * 4;
  into.offset = (where & OFFSET) * UNIT;
  into.more = (where & MF) !== 0;
  into.id = get16(frame, ip + identification);
  into.carries = frame[ip + protocol]!;
  into.namedAt = ip + protocol;
  return (where & NOT) === 0 && get16(frame, ip + total_length) !== 0;
}

function findIn6(frame: Uint8Array, ip: number, into: FragmentPlace): boolean {
  let namedAt = ip + ipv6.offset.next_header;
  let at = ip + ipv6.size;
  while (frame[namedAt] !== FRAGMENT) {
    const kind = frame[namedAt]!;
    namedAt = at;
    at += extensionLength(frame, at, kind);
  }
  const where = get16(frame, at + IPV6_FRAGMENT.offset);
  into.headers = at;
  into.from = at + SIZE;
  into.offset = where & OFFSET6;
  into.more = (where & MORE) !== 0;
  into.id = get32(frame, at + ID);
  into.carries = frame[at]!;
  into.namedAt = namedAt;
  return get16(frame, ip + ipv6.offset.payload_length) !== 0;
}
