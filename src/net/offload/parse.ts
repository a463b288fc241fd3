import { get16 } from './big-endian.ts';
import { ETHERTYPE, ethernet, FLAGS_FRAGMENT, ipv4, PROTOCOL, tcp, udp, vlan_tag } from './headers.ts';

const { ethertype } = ethernet.offset;
const { version_ihl, flags_fragment, protocol } = ipv4.offset;
const { data_offset } = tcp.offset;
const { MF, OFFSET } = FLAGS_FRAGMENT.mask;

/** Where the headers of a frame begin, in bytes from its start; reused from frame to frame. */
export class FrameLayout {
  /** The IPv4 header, or 0 if the frame holds no whole one. */
  ip = 0;
  /** Its protocol field; meaningless while `ip` is 0. */
  protocol = 0;
  /** The frame carries a fragment of a datagram, the first one included. */
  fragment = false;
  /** The TCP or UDP header, or 0 if there is no whole one: another protocol, a later fragment, a cut frame. */
  transport = 0;
  /** What follows the TCP or UDP header; meaningless while `transport` is 0. */
  payload = 0;
}

/** Finds the headers of an Ethernet frame with at most one 802.1Q tag. Reads nothing past the end. */
export function findHeaders(frame: Uint8Array, into: FrameLayout): void {
  into.ip = into.transport = 0;
  let type = ethertype;
  if (frame.length < ethernet.size) return;
  if (get16(frame, type) === ETHERTYPE.VLAN) type += vlan_tag.size;
  const ip = type + 2;
  if (ip + ipv4.size > frame.length || get16(frame, type) !== ETHERTYPE.IPV4) return;
  const versionIhl = frame[ip + version_ihl]!;
  const transport = ip + (versionIhl & 0xf) * 4;
  if (versionIhl >> 4 !== 4 || transport < ip + ipv4.size || transport > frame.length) return;
  into.ip = ip;
  into.protocol = frame[ip + protocol]!;
  const where = get16(frame, ip + flags_fragment);
  into.fragment = (where & (MF | OFFSET)) !== 0;
  if ((where & OFFSET) !== 0) return;
  const payload = transport + transportSize(frame, transport, into.protocol);
  if (payload === transport || payload > frame.length) return;
  into.transport = transport;
  into.payload = payload;
}

/** Bytes of the header at `at`, options included; 0 if it is cut, malformed, or neither TCP nor UDP. */
function transportSize(frame: Uint8Array, at: number, kind: number): number {
  if (kind === PROTOCOL.UDP) return udp.size;
  if (kind !== PROTOCOL.TCP || at + tcp.size > frame.length) return 0;
  const size = (frame[at + data_offset]! >> 4) * 4;
  return size < tcp.size ? 0 : size;
}
