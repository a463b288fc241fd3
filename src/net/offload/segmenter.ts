import { get16, get32, put16, put32 } from '../frame/big-endian.ts';
import { internetChecksum, pseudoSum } from '../frame/checksum.ts';
import { ipv4, LONGEST_FRAME, PROTOCOL, TCP_FLAGS, tcp, udp } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';
import { Fragmenter } from './fragmenter.ts';
import type { FrameSink } from './frame-sink.ts';
import { fitsIp, putIpLength } from './ip-lengths.ts';

const { CWR, PSH, FIN } = TCP_FLAGS.mask;
const { identification } = ipv4.offset;
const { sequence, flags, checksum } = tcp.offset;

/** Into what a large frame is cut, by the names of virtio's gso_type; UDP is fragments of IP. */
export type Cut = 'TCPV4' | 'TCPV6' | 'UDP_L4' | 'UDP';

/**
 * Segmentation of TCP and UDP over IPv4 and IPv6, as network cards do it for a driver that sends large frames.
 *
 * Each segment gets the large frame's headers, options, extension headers and VLAN tags included, with its own lengths
 * and sums, of IPv4 its own identification (one more each), of TCP its own sequence number. FIN and PSH go with the last
 * segment, CWR with the first (RFC 3168). The large frame's own lengths and sums are not read: drivers differ in them.
 *
 * @example
 * const segmenter = new Segmenter();
 * segmenter.segment(frame, 'TCPV4', 1460, backend);   // backend.send() once a segment, in order
 */
export class Segmenter {
  private readonly scratch = new Uint8Array(LONGEST_FRAME);
  private readonly layout = new FrameLayout();
  private readonly fragmenter = new Fragmenter();

  /**
   * Sends `frame` cut into segments of `size` payload bytes, a shorter last one aside. False, with nothing sent, if it
   * has not the whole headers that `cut` names, is a fragment, `size` is 0, or a segment were longer than IP can say.
   */
  segment(frame: Uint8Array, cut: Cut, size: number, to: FrameSink): boolean {
    if (cut === 'UDP') return this.fragmenter.fragment(frame, size, to);
    const { scratch, layout } = this;
    findHeaders(frame, layout);
    if (!isOf(layout, cut) || size === 0) return false;
    const { payload: headers } = layout;
    const longest = Math.min(headers + size, frame.length);
    if (!fitsIp(layout, longest)) return false;

    scratch.set(frame.subarray(0, headers));
    const whole = scratch.subarray(0, longest);
    let from = headers;
    let index = 0;
    for (; frame.length - from > size; from += size) {
      scratch.set(frame.subarray(from, from + size), headers);
      this.finish(frame, index++, from, headers + size);
      to.send(whole);
    }
    scratch.set(frame.subarray(from), headers);
    const length = headers + frame.length - from;
    this.finish(frame, index, from, length);
    to.send(scratch.subarray(0, length));
    return true;
  }

  /** Headers of segment `index`, `length` bytes in all, in `scratch`; its payload came from `from` in `frame`. */
  private finish(frame: Uint8Array, index: number, from: number, length: number): void {
    const { scratch, layout } = this;
    const { ip, version, protocol, transport } = layout;
    if (version === 4) put16(scratch, ip + identification, get16(frame, ip + identification) + index);
    putIpLength(scratch, layout, layout.upper, length);
    if (protocol === PROTOCOL.TCP) this.finishTcp(frame, index, from, length);
    else finishUdp(scratch, layout, length);
    const field = transport + (protocol === PROTOCOL.TCP ? checksum : udp.offset.checksum);
    put16(scratch, field, 0);
    const sum = internetChecksum(scratch, transport, length, pseudoSum(scratch, layout, length - transport));
    // RFC 768: 0 means that no checksum was made.
    put16(scratch, field, sum === 0 && protocol === PROTOCOL.UDP ? 0xffff : sum);
  }

  private finishTcp(frame: Uint8Array, index: number, from: number, length: number): void {
    const { scratch } = this;
    const { transport, payload } = this.layout;
    const last = from + length - payload === frame.length;
    put32(scratch, transport + sequence, get32(frame, transport + sequence) + from - payload);
    const kept = ~((last ? 0 : FIN | PSH) | (index === 0 ? 0 : CWR));
    scratch[transport + flags] = frame[transport + flags]! & kept;
  }
}

function isOf({ transport, fragment, version, protocol }: FrameLayout, cut: Cut): boolean {
  if (transport === 0 || fragment) return false;
  if (cut === 'UDP_L4') return protocol === PROTOCOL.UDP;
  return protocol === PROTOCOL.TCP && version === (cut === 'TCPV4' ? 4 : 6);
}

function finishUdp(frame: Uint8Array, { transport }: FrameLayout, length: number): void {
  put16(frame, transport + udp.offset.length, length - transport);
}
