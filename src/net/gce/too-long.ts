import { put16, put32 } from '../../core/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';
import { ethernet, icmp, ipv6 } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';

/** Length that is always carried, whatever the MTU: Google's pages say that no packet up to it is dropped. */
const CARRIED_LEAST = 1600;
/** RFC 1191: fragmentation needed, with the MTU; RFC 4443: packet too big. */
const [UNREACHABLE, NEEDED, TOO_BIG] = [3, 4, 2];
const HEADER = 8;
/** Bytes of the original packet after the IP header in RFC 792; RFC 4443 takes what fits the minimum MTU. */
const [EXCERPT, LEAST_MTU] = [8, 1280];
const MTU_AT = 6;

/** Detects packets too long for a network, which drops them, and makes the ICMP messages for them. */
export class TooLong {
  /** Bytes of the longest IP packet that is carried. */
  readonly most: number;
  private readonly at = new FrameLayout();

  constructor(mtu: number) {
    this.most = Math.max(mtu, CARRIED_LEAST);
  }

  /** The IP version of a packet that is too long; 0 for others. */
  versionOf(frame: Uint8Array): 0 | 4 | 6 {
    if (frame.length <= ethernet.size + this.most) return 0;
    const { at } = this;
    findHeaders(frame, at);
    if (at.version === 0 || at.tags > 0 || at.end - at.ip <= this.most) return 0;
    return at.version === 4 ? 4 : 6;
  }

  /** The ICMP message for the last packet checked. */
  icmp4(frame: Uint8Array): Uint8Array {
    const { ip } = this.at;
    const excerpt = frame.subarray(ip, ip + (frame[ip]! & 0xf) * 4 + EXCERPT);
    const message = new Uint8Array(HEADER + excerpt.length);
    icmp.encode({ type: UNREACHABLE, code: NEEDED }, message);
    put16(message, MTU_AT, this.most);
    message.set(excerpt, HEADER);
    put16(message, icmp.offset.checksum, internetChecksum(message, 0, message.length));
    return message;
  }

  /** The same for ICMPv6, without its checksum. */
  icmp6(frame: Uint8Array): Uint8Array {
    const { ip } = this.at;
    const excerpt = frame.subarray(ip, ip + LEAST_MTU - ipv6.size - HEADER);
    const message = new Uint8Array(HEADER + excerpt.length);
    icmp.encode({ type: TOO_BIG }, message);
    put32(message, MTU_AT - 2, this.most);
    message.set(excerpt, HEADER);
    return message;
  }
}
