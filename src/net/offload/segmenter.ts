import { get16, get32, put16, put32 } from '../frame/big-endian.ts';
import { internetChecksum, pseudoSum } from '../frame/checksum.ts';
import { ipv4, LONGEST_FRAME, PROTOCOL, TCP_FLAGS, tcp, udp } from '../frame/headers.ts';
import { FrameLayout, findHeaders, findPacket } from '../frame/layout.ts';
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
  /** Of a tunnel over UDP, the headers around. */
  private readonly around = new FrameLayout();
  private tunnelled = false;

  /**
   * Sends `frame` cut into segments of `size` payload bytes, a shorter last one aside. False, with nothing sent, if it
   * has not the whole headers that `cut` names, is a fragment, `size` is 0, or a segment were longer than IP can say.
   *
   * @param within where the packet begins that goes through a tunnel over UDP, whose headers each segment then has, too; 0
   *   for none.
   */
  segment(frame: Uint8Array, cut: Cut, size: number, to: FrameSink, within = 0): boolean {
    if (cut === 'UDP') return within === 0 && this.fragmenter.fragment(frame, size, to);
    const { scratch, layout, around } = this;
    if (within === 0) findHeaders(frame, layout);
    else if (!findTunnel(frame, within, around, layout)) return false;
    if (!isOf(layout, cut) || size === 0) return false;
    const { payload: headers } = layout;
    const longest = Math.min(headers + size, frame.length);
    if (!fitsIp(within === 0 ? layout : around, longest)) return false;
    this.tunnelled = within !== 0;

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
    const { scratch, layout, around } = this;
    finishIp(scratch, layout, frame, index, length);
    if (layout.protocol === PROTOCOL.TCP) this.finishTcp(frame, index, from, length);
    else finishUdp(scratch, layout, length);
    putSum(scratch, layout, length);
    if (!this.tunnelled) return;
    finishIp(scratch, around, frame, index, length);
    finishUdp(scratch, around, length);
    // One without a checksum has none around each segment, either (RFC 7348).
    if (get16(frame, around.transport + udp.offset.checksum) !== 0) putSum(scratch, around, length);
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

/** Finds what is around a packet at `within`, and the packet; false if it is no UDP, or the packet is not in it. */
function findTunnel(frame: Uint8Array, within: number, around: FrameLayout, packet: FrameLayout): boolean {
  findHeaders(frame, around);
  if (around.transport === 0 || around.fragment || around.protocol !== PROTOCOL.UDP) return false;
  findPacket(frame, within, packet);
  return within >= around.payload;
}

function finishIp(into: Uint8Array, at: FrameLayout, frame: Uint8Array, index: number, length: number): void {
  const { ip, version, upper } = at;
  if (version === 4) put16(into, ip + identification, get16(frame, ip + identification) + index);
  putIpLength(into, at, upper, length);
}

/** RFC 768: of UDP, 0 means that no checksum was made. */
function putSum(frame: Uint8Array, at: FrameLayout, length: number): void {
  const { transport, protocol } = at;
  const field = transport + (protocol === PROTOCOL.TCP ? checksum : udp.offset.checksum);
  put16(frame, field, 0);
  const sum = internetChecksum(frame, transport, length, pseudoSum(frame, at, length - transport));
  put16(frame, field, sum === 0 && protocol === PROTOCOL.UDP ? 0xffff : sum);
}

function isOf({ transport, fragment, version, protocol }: FrameLayout, cut: Cut): boolean {
  if (transport === 0 || fragment) return false;
  if (cut === 'UDP_L4') return protocol === PROTOCOL.UDP;
  return protocol === PROTOCOL.TCP && version === (cut === 'TCPV4' ? 4 : 6);
}

function finishUdp(frame: Uint8Array, { transport }: FrameLayout, length: number): void {
  put16(frame, transport + udp.offset.length, length - transport);
}
