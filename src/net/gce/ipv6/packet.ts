import { get16, put16 } from '../../../core/big-endian.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { internetChecksum, pseudoSum6 } from '../../frame/checksum.ts';
import { ETHERTYPE, ethernet, icmp, ipv6, PROTOCOL, tcp, udp } from '../../frame/headers.ts';

const AT = ethernet.size;
const BODY = AT + ipv6.size;
const VERSION = 6;
const CHECKSUM_AT: Readonly<Record<number, number>> = {
  [PROTOCOL.ICMPV6]: icmp.offset.checksum,
  [PROTOCOL.UDP]: udp.offset.checksum,
  [PROTOCOL.TCP]: tcp.offset.checksum,
};

/** An IPv6 packet of ICMPv6, UDP or TCP, without extension headers. */
export interface Packet6 {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  /** Its checksum is filled in when a frame is made, and was checked when it was parsed. */
  readonly payload: Uint8Array;
}

/** The packet of an Ethernet frame; null if its checksum is bad, or it is none. Its bytes are the frame's. */
export function packetIn(frame: Uint8Array): Packet6 | null {
  if (frame.length < BODY || get16(frame, ethernet.offset.ethertype) !== ETHERTYPE.IPV6) return null;
  const { version_class_flow, payload_length, next_header, source, destination } = ipv6.decode(frame, AT);
  const end = BODY + payload_length;
  const isWhole = payload_length >= icmp.size && end <= frame.length;
  if (version_class_flow >>> 28 !== VERSION || !isWhole || !(next_header in CHECKSUM_AT)) return null;
  if (internetChecksum(frame, BODY, end, pseudoSum6(frame, AT, next_header, payload_length)) !== 0)
    return null;
  return { source, destination, protocol: next_header, payload: frame.subarray(BODY, end) };
}

/** @param link MAC addresses of both ends. @param hop_limit 255 shows that no router was between (RFC 4861). */
export function frameOf6(
  link: { readonly source: Uint8Array; readonly destination: Uint8Array },
  { source, destination, protocol, payload }: Packet6,
  hop_limit = 255,
): Uint8Array {
  const frame = new Uint8Array(BODY + payload.length);
  ethernet.encode({ ...link, ethertype: ETHERTYPE.IPV6 }, frame);
  const fixed = { version_class_flow: VERSION * 2 ** 28, payload_length: payload.length, hop_limit };
  ipv6.encode({ ...fixed, next_header: protocol, source, destination }, frame, AT);
  frame.set(payload, BODY);
  const field = BODY + CHECKSUM_AT[protocol]!;
  put16(frame, field, 0);
  const sum = internetChecksum(frame, BODY, frame.length, pseudoSum6(frame, AT, protocol, payload.length));
  put16(frame, field, sum === 0 && protocol === PROTOCOL.UDP ? 0xffff : sum);
  return frame;
}

const WORDS = 8;
const WORD = /^[0-9a-f]{1,4}$/i;

/** `fd20::2` as 16 bytes. @throws MisuseError for an invalid address. */
export function ipv6Of(path: string, text: string): Uint8Array {
  const parts = typeof text === 'string' ? text.split('::') : [];
  const [before = [], after = []] = parts.map((part) => (part === '' ? [] : part.split(':')));
  const count = before.length + after.length;
  const isWhole = parts.length === 1 ? count === WORDS : parts.length === 2 && count < WORDS;
  if (!isWhole || ![...before, ...after].every((word) => WORD.test(word)))
    throw new MisuseError(path, text, 'an IPv6 address (example fd20::2)');
  const bytes = new Uint8Array(2 * WORDS);
  for (const [i, word] of before.entries()) put16(bytes, 2 * i, Number.parseInt(word, 16));
  for (const [i, word] of after.entries())
    put16(bytes, 2 * (WORDS - after.length + i), Number.parseInt(word, 16));
  return bytes;
}

/** An interface's link-local address: fe80:: and its MAC address with ff:fe inserted and a bit flipped (RFC 4291, A). */
export function linkLocalOf(mac: Uint8Array): Uint8Array {
  const id = [mac[0]! ^ 0x02, mac[1]!, mac[2]!, 0xff, 0xfe, mac[3]!, mac[4]!, mac[5]!];
  return Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...id);
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
