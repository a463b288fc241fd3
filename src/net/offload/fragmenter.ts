import { put16, put32 } from '../../core/big-endian.ts';
import { internetChecksum, pseudoSum } from '../frame/checksum.ts';
import {
  FLAGS_FRAGMENT,
  IPV4_OPTION,
  IPV6_EXTENSION,
  IPV6_FRAGMENT,
  ipv4,
  ipv6,
  LONGEST_FRAME,
  PROTOCOL,
  udp,
} from '../frame/headers.ts';
import { extensionLength, optionLength } from '../frame/ip-options.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';
import { fitsIp, putIpLength } from './ip-lengths.ts';

/** Receives segments. The frame is reused for the next one: copy what you keep, change nothing. */
export interface FrameSink {
  send(frame: Uint8Array): void;
}

const { HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION } = IPV6_EXTENSION;
const { END, COPIED } = IPV4_OPTION;
const { version_ihl, flags_fragment } = ipv4.offset;
const { MF } = FLAGS_FRAGMENT.mask;
const { MORE } = IPV6_FRAGMENT.mask;
/** Fragment offsets count units of eight bytes. */
const UNIT = 8;
const FRAGMENT_SIZE = 8;
const FRAGMENT_ID = 4;

/**
 * Fragmentation of UDP datagrams over IPv4 and IPv6 (RFC 791, section 3.2; RFC 8200, section 4.5), as network cards do it
 * for a driver that sends large ones: the datagram's length and checksum are set, and it is sent as fragments of IP.
 *
 * Over IPv4 all fragments have the datagram's identification, and later ones only the options to be copied. Over IPv6
 * each datagram has its own identification, counting from 1; a datagram that fits has no fragment header.
 */
export class Fragmenter {
  /** The datagram, and the current fragment. */
  private readonly whole = new Uint8Array(LONGEST_FRAME);
  private readonly scratch = new Uint8Array(LONGEST_FRAME);
  private readonly layout = new FrameLayout();
  private datagrams = 0;

  /**
   * Sends `frame` as fragments of `size` bytes of IP payload, rounded down to a multiple of 8. False, with nothing sent, if
   * it is no whole UDP datagram, a fragment, too long for IP, or `size` is below 8.
   */
  fragment(frame: Uint8Array, size: number, to: FrameSink): boolean {
    const { whole, layout } = this;
    findHeaders(frame, layout);
    const { transport, protocol } = layout;
    const piece = size - (size % UNIT);
    if (transport === 0 || protocol !== PROTOCOL.UDP || layout.fragment || piece === 0) return false;
    if (!fitsIp(layout, frame.length)) return false;
    whole.set(frame);
    this.finish(frame.length);
    const begin = layout.version === 4 ? transport : this.carriedFrom();
    if (frame.length - begin <= size) to.send(whole.subarray(0, frame.length));
    else if (layout.version === 4) this.fragment4(frame.length, piece, to);
    else this.fragment6(frame.length, begin, piece, to);
    return true;
  }

  /** Sets the lengths and checksums of the datagram. */
  private finish(length: number): void {
    const { whole, layout } = this;
    const { transport } = layout;
    putIpLength(whole, layout, transport, length);
    put16(whole, transport + udp.offset.length, length - transport);
    put16(whole, transport + udp.offset.checksum, 0);
    const pseudo = pseudoSum(whole, layout, length - transport);
    const sum = internetChecksum(whole, transport, length, pseudo);
    put16(whole, transport + udp.offset.checksum, sum === 0 ? 0xffff : sum);
  }

  private fragment4(length: number, piece: number, to: FrameSink): void {
    const { whole, scratch, layout } = this;
    const { ip, upper } = layout;
    scratch.set(whole.subarray(0, upper));
    let headers = upper;
    for (let from = upper; from < length; from += piece) {
      if (from === upper + piece) headers = this.dropOptions();
      const count = Math.min(piece, length - from);
      scratch.set(whole.subarray(from, from + count), headers);
      const more = from + count < length ? MF : 0;
      put16(scratch, ip + flags_fragment, more | ((from - upper) / UNIT));
      putIpLength(scratch, layout, headers, headers + count);
      to.send(scratch.subarray(0, headers + count));
    }
  }

  /** Leaves in `scratch` the options to be copied to every fragment; returns the end of the header. */
  private dropOptions(): number {
    const { whole, scratch } = this;
    const { ip, upper } = this.layout;
    let to = ip + ipv4.size;
    for (let at = to; at < upper && whole[at] !== END; ) {
      const next = at + optionLength(whole, at);
      if ((whole[at]! & COPIED) !== 0 && next <= upper) {
        scratch.set(whole.subarray(at, next), to);
        to += next - at;
      }
      at = next;
    }
    const words = Math.ceil((to - ip) / 4);
    scratch.fill(END, to, ip + words * 4);
    scratch[ip + version_ihl] = 0x40 | words;
    return ip + words * 4;
  }

  private fragment6(length: number, begin: number, piece: number, to: FrameSink): void {
    const { whole, scratch, layout } = this;
    const nextAt = this.nextHeaderAt(begin);
    const headers = begin + FRAGMENT_SIZE;
    scratch.set(whole.subarray(0, begin));
    scratch.fill(0, begin, headers);
    scratch[begin] = whole[nextAt]!;
    scratch[nextAt] = FRAGMENT;
    this.datagrams++;
    put32(scratch, begin + FRAGMENT_ID, this.datagrams);
    for (let from = begin; from < length; from += piece) {
      const count = Math.min(piece, length - from);
      scratch.set(whole.subarray(from, from + count), headers);
      const more = from + count < length ? MORE : 0;
      put16(scratch, begin + IPV6_FRAGMENT.offset, more | (from - begin));
      putIpLength(scratch, layout, headers, headers + count);
      to.send(scratch.subarray(0, headers + count));
    }
  }

  /** End of the headers in every fragment: those up to the routing header, or else up to hop-by-hop options. */
  private carriedFrom(): number {
    const { whole } = this;
    const { ip, upper } = this.layout;
    let kind = whole[ip + ipv6.offset.next_header]!;
    let end = ip + ipv6.size;
    for (let at = end; at < upper && (kind === HOP_BY_HOP || kind === ROUTING || kind === DESTINATION); ) {
      const next = at + extensionLength(whole, at, kind);
      if (kind !== DESTINATION) end = next;
      kind = whole[at]!;
      at = next;
    }
    return end;
  }

  /** The byte that names the header at `begin`. */
  private nextHeaderAt(begin: number): number {
    const { whole } = this;
    const { ip } = this.layout;
    let named = ip + ipv6.offset.next_header;
    for (let at = ip + ipv6.size; at < begin; ) {
      const kind = whole[named]!;
      named = at;
      at += extensionLength(whole, at, kind);
    }
    return named;
  }
}
