import { get16, get32, put16, put32 } from '../frame/big-endian.ts';
import { internetChecksum, pseudoSum4 } from '../frame/checksum.ts';
import { ipv4, LONGEST_DATAGRAM, LONGEST_FRAME, PROTOCOL, TCP_FLAGS, tcp } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';

const { CWR, PSH, FIN } = TCP_FLAGS.mask;
const { total_length, identification, header_checksum } = ipv4.offset;
const { sequence, flags, checksum } = tcp.offset;

/** Where segments go. The frame is reused for the next one: copy what you keep, change nothing. */
export interface FrameSink {
  send(frame: Uint8Array): void;
}

/**
 * Segmentation of TCP over IPv4, as network cards do it for a driver that sends large frames.
 *
 * Each segment gets the large frame's headers, IP and TCP options and VLAN tag included, with its own total
 * length, identification (one more each), sequence number and both checksums. FIN and PSH go with the last
 * segment, CWR with the first. The large frame's own lengths and checksums are not read: drivers differ in them.
 *
 * @example
 * const tso = new Tso4();
 * tso.segment(frame, 1460, backend);   // backend.send() once a segment, in order
 */
export class Tso4 {
  private readonly scratch = new Uint8Array(LONGEST_FRAME);
  private readonly layout = new FrameLayout();

  /**
   * Sends `frame` cut into segments of `gsoSize` payload bytes, a shorter last one aside. False, with nothing
   * sent, if it is no whole TCP/IPv4 header, a fragment, `gsoSize` is 0, or a segment would exceed 65,535 bytes.
   */
  segment(frame: Uint8Array, gsoSize: number, to: FrameSink): boolean {
    const { scratch, layout } = this;
    findHeaders(frame, layout);
    const { ip, payload: headers } = layout;
    if (layout.transport === 0 || layout.protocol !== PROTOCOL.TCP || layout.fragment) return false;
    if (layout.version !== 4 || layout.tags > 1) return false;
    const longest = Math.min(headers + gsoSize, frame.length);
    if (gsoSize === 0 || longest - ip > LONGEST_DATAGRAM) return false;

    scratch.set(frame.subarray(0, headers));
    const whole = scratch.subarray(0, longest);
    let from = headers;
    let index = 0;
    for (; frame.length - from > gsoSize; from += gsoSize) {
      scratch.set(frame.subarray(from, from + gsoSize), headers);
      this.finish(frame, index++, from, headers + gsoSize);
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
    const { ip, transport, payload } = layout;
    const last = from + length - payload === frame.length;
    put16(scratch, ip + total_length, length - ip);
    put16(scratch, ip + identification, get16(frame, ip + identification) + index);
    put16(scratch, ip + header_checksum, 0);
    put16(scratch, ip + header_checksum, internetChecksum(scratch, ip, transport));

    put32(scratch, transport + sequence, get32(frame, transport + sequence) + from - payload);
    const kept = ~((last ? 0 : FIN | PSH) | (index === 0 ? 0 : CWR));
    scratch[transport + flags] = frame[transport + flags]! & kept;
    put16(scratch, transport + checksum, 0);
    const pseudo = pseudoSum4(scratch, ip, PROTOCOL.TCP, length - transport);
    put16(scratch, transport + checksum, internetChecksum(scratch, transport, length, pseudo));
  }
}
