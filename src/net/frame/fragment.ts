import { get16, get32 } from '../../core/big-endian.ts';
import { FLAGS_FRAGMENT, IPV6_EXTENSION, IPV6_FRAGMENT, ipv4, ipv6 } from './headers.ts';
import { extensionLength } from './ip-options.ts';
import type { FrameLayout } from './layout.ts';

const { FRAGMENT } = IPV6_EXTENSION;
const { DF, MF, OFFSET } = FLAGS_FRAGMENT.mask;
const { MORE, OFFSET: OFFSET6 } = IPV6_FRAGMENT.mask;
const { identification, flags_fragment, protocol, total_length, version_ihl } = ipv4.offset;
/** IPv4 offsets count units of eight bytes; IPv6 offsets are placed so that they need no multiplication. */
const UNIT = 8;
/** An IPv6 fragment header: its size, and the place of the identification. */
const [SIZE, ID] = [8, 4];
/** May not be fragmented, and a bit that is 0 (RFC 791, section 3.1). */
const NOT = DF | 0x8000;

/** Layout of an IP fragment, and its datagram; reused from frame to frame. */
export class FragmentPlace {
  /** End of the headers that every fragment has; in IPv6 the fragment header follows. */
  headers = 0;
  /** The part of the datagram that it carries. */
  from = 0;
  to = 0;
  /** Offset of that part in the datagram's payload. */
  offset = 0;
  /** Further parts follow. */
  more = false;
  id = 0;
  /** What the datagram begins with: a protocol, or an extension header. */
  carries = 0;
  /** In IPv6, the byte that names the fragment header. */
  namedAt = 0;
}

/** Fills it for a frame whose layout says that it is a fragment; false if that is cut or inconsistent. */
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
