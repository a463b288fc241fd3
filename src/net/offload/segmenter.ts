import { get16, get32, put16, put32 } from '../../core/big-endian.ts';
import { Staging } from '../../core/staging.ts';
import { type Kernels, kernelsOf } from '../../core/wasm/kernels.ts';
import { addSums, internetSum, pseudoSum } from '../frame/checksum.ts';
import { ipv4, LONGEST_FRAME, PROTOCOL, TCP_FLAGS, tcp, udp } from '../frame/headers.ts';
import { FrameLayout, findHeaders, findPacket } from '../frame/layout.ts';
import { putSum } from './complete.ts';
import { Fragmenter, type FrameSink } from './fragmenter.ts';
import { fitsIp, putIpLength } from './ip-lengths.ts';

const { CWR, PSH, FIN } = TCP_FLAGS.mask;
const { identification } = ipv4.offset;
const { sequence, flags } = tcp.offset;

/** How a large frame is cut, by the names of virtio's gso_type; UDP means fragments of IP. */
export type Cut = 'TCPV4' | 'TCPV6' | 'UDP_L4' | 'UDP';

/**
 * Segmentation of TCP and UDP over IPv4 and IPv6, as network cards do it for a driver that sends large frames.
 *
 * Each segment gets the large frame's headers, including options, extension headers and VLAN tags, with its own lengths
 * and checksums, in IPv4 its own identification (counting up), in TCP its own sequence number. FIN and PSH go with the last
 * segment, CWR with the first (RFC 3168). The large frame's own lengths and checksums are ignored: drivers differ in them.
 *
 * @example
 * const segmenter = new Segmenter();
 * segmenter.segment(frame, 'TCPV4', 1460, backend);   // backend.send() per segment, in order
 */
export class Segmenter {
  private readonly staging: Staging;
  /** Buffer for segments. */
  private scratch: Uint8Array;
  /** Offset of the large frame in the store that segments lie in; negative if it lies elsewhere. */
  private frameAt = -1;
  /** Copies and sums at once, if both lie in a WebAssembly.Memory. */
  private kernels: Kernels | null = null;
  /** The pseudo-header's sum without the length. */
  private pseudo = 0;
  private readonly layout = new FrameLayout();
  /** Made on demand, since it takes two frames of memory and few drivers have datagrams cut. */
  private fragmenter: Fragmenter | null = null;
  /** The outer headers of a tunnel over UDP. */
  private readonly around = new FrameLayout();
  private tunnelled = false;

  /** @param staging `LONGEST_FRAME` bytes, preferably in one memory with the frames. */
  constructor(staging: Staging = new Staging(LONGEST_FRAME)) {
    this.staging = staging;
    this.scratch = staging.bytes;
  }

  /**
   * Sends `frame` cut into segments of `size` payload bytes, of which the last may be shorter. False, with nothing sent, if
   * it lacks the headers that `cut` names, is a fragment, `size` is 0, or a segment would be too long for IP.
   *
   * @param within where the inner packet of a tunnel over UDP begins, whose outer headers each segment then has; 0 for
   *   none.
   */
  segment(frame: Uint8Array, cut: Cut, size: number, to: FrameSink, within = 0): boolean {
    if (cut === 'UDP') {
      this.fragmenter ??= new Fragmenter();
      return within === 0 && this.fragmenter.fragment(frame, size, to);
    }
    this.scratch = this.staging.bytes;
    const { scratch, layout, around } = this;
    if (within === 0) findHeaders(frame, layout);
    else if (!findTunnel(frame, within, around, layout)) return false;
    if (!isOf(layout, cut) || size === 0) return false;
    const { payload: headers } = layout;
    const longest = Math.min(headers + size, frame.length);
    if (!fitsIp(within === 0 ? layout : around, longest)) return false;
    this.tunnelled = within !== 0;
    this.find(frame);

    scratch.set(frame.subarray(0, headers));
    const whole = scratch.subarray(0, longest);
    this.pseudo = pseudoSum(scratch, layout, 0);
    let from = headers;
    let index = 0;
    for (; frame.length - from > size; from += size) {
      this.make(frame, index++, from, headers + size);
      to.send(whole);
    }
    const length = headers + frame.length - from;
    this.make(frame, index, from, length);
    to.send(scratch.subarray(0, length));
    return true;
  }

  /** Finds the large frame in the store. */
  private find(frame: Uint8Array): void {
    const { buffer, byteOffset } = this.staging.store.bytes;
    const together = frame.buffer === buffer;
    this.frameAt = together ? frame.byteOffset - byteOffset : -1;
    this.kernels = together ? kernelsOf(buffer) : null;
  }

  /** Makes segment `index` in `scratch`, `length` bytes in total, with the payload from `from` on in `frame`. */
  private make(frame: Uint8Array, index: number, from: number, length: number): void {
    const { scratch, layout, around } = this;
    const { payload } = layout;
    const sum = this.copy(frame, from, length - payload);
    finishIp(scratch, layout, frame, index, length);
    if (layout.protocol === PROTOCOL.TCP) this.finishTcp(frame, index, from, length);
    else finishUdp(scratch, layout, length);
    putSum(scratch, layout, payload, addSums(addSums(this.pseudo, length - layout.transport), sum));
    if (!this.tunnelled) return;
    finishIp(scratch, around, frame, index, length);
    finishUdp(scratch, around, length);
    // A packet without an outer checksum has none in its segments (RFC 7348).
    if (get16(frame, around.transport + udp.offset.checksum) !== 0)
      putSum(scratch, around, length, pseudoSum(scratch, around, length - around.transport));
  }

  /** Copies payload into place. @returns its sum. */
  private copy(frame: Uint8Array, from: number, count: number): number {
    const { scratch, kernels } = this;
    const { payload } = this.layout;
    if (kernels !== null)
      return kernels.copySum(scratch.byteOffset + payload, frame.byteOffset + from, count);
    if (this.frameAt >= 0) this.staging.store.copy(this.staging.at + payload, this.frameAt + from, count);
    else scratch.set(frame.subarray(from, from + count), payload);
    return internetSum(scratch, payload, payload + count);
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

/** Finds a packet at `within` and its outer headers; false if outer UDP is missing, or the packet is outside it. */
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

function isOf({ transport, fragment, version, protocol }: FrameLayout, cut: Cut): boolean {
  if (transport === 0 || fragment) return false;
  if (cut === 'UDP_L4') return protocol === PROTOCOL.UDP;
  return protocol === PROTOCOL.TCP && version === (cut === 'TCPV4' ? 4 : 6);
}

function finishUdp(frame: Uint8Array, { transport }: FrameLayout, length: number): void {
  put16(frame, transport + udp.offset.length, length - transport);
}
