import type { Nanos } from '../../core/bits.ts';
import type { FragmentPlace } from '../frame/fragment.ts';
import { ethernet, ipv4, ipv6, LONGEST_DATAGRAM } from '../frame/headers.ts';
import type { FrameLayout } from '../frame/layout.ts';
import { equal, same } from '../frame/same.ts';

const { tos, ttl, source } = ipv4.offset;
const { version_class_flow, payload_length, hop_limit } = ipv6.offset;
const UNIT = 8;
const [NONE, ON, BEGIN] = [0, 1, 2];
/** The longest frame that drivers have buffers for (virtio 1.0, Setting Up Receive Buffers). */
const LONGEST = ethernet.size + LONGEST_DATAGRAM;

/** Effect of a fragment on a datagram: adds to it, completes it, or contradicts it. */
type Added = 'more' | 'whole' | 'odd';

/** A datagram of IP under reassembly; its fragments are also kept unchanged. */
export class Datagram {
  /** Time at which it is given up. */
  due: Nanos = 0;
  /** It cannot be reassembled: further fragments are delivered unchanged. */
  odd = false;
  /** Payload bytes of the longest fragment. */
  longest = 0;
  /** Header bytes before the payload of the whole. */
  headers = 0;
  /** Copies of its fragments, in order of arrival. */
  private frames: Uint8Array[] = [];
  private readonly carried = new Uint8Array(LONGEST_DATAGRAM + 1);
  /** Which 8-byte units of `carried` are present, and at which of them a fragment began. */
  private readonly there = new Uint8Array(this.carried.length / UNIT + 1);
  private version = 0;
  private ip = 0;
  private id = 0;
  /** Headers of the first fragment to arrive, to compare the others' with, also after it was delivered. */
  private model = new Uint8Array(0);
  private modelHeaders = 0;
  /** The fragment of offset 0, whose headers the datagram has. */
  private first: Uint8Array | null = null;
  private namedAt = 0;
  private carries = 0;
  private bytes = 0;
  /** Payload bytes of the whole; -1 before its last fragment came. */
  private total = -1;
  private end = 0;

  /** Begins a datagram with the first fragment to arrive. */
  begin(frame: Uint8Array, at: FrameLayout, place: FragmentPlace, due: Nanos): void {
    this.due = due;
    this.frames = [];
    this.odd = false;
    this.there.fill(NONE);
    this.version = at.version;
    this.ip = at.ip;
    this.id = place.id;
    this.modelHeaders = place.headers;
    this.model = frame.slice(0, place.from);
    this.first = null;
    this.longest = this.bytes = this.end = 0;
    this.total = -1;
  }

  /** Whether a fragment is of this datagram: same identification, addresses and protocol (RFC 791, RFC 8200). */
  owns(frame: Uint8Array, { ip, version }: FrameLayout, { id }: FragmentPlace): boolean {
    if (this.version !== version || this.id !== id || this.ip !== ip) return false;
    const from = ip + (version === 4 ? source : ipv6.offset.source);
    const to = ip + (version === 4 ? ipv4.size : ipv6.size);
    return same(frame, this.model, from, to) && same(frame, this.model, 0, ip);
  }

  /** Adds one of its fragments. Exact duplicates change nothing. */
  add(frame: Uint8Array, place: FragmentPlace): Added {
    const { from, to, offset, more } = place;
    const end = offset + to - from;
    if (end > LONGEST_DATAGRAM || !this.isAlike(frame, place) || !this.endsWell(end, more)) return 'odd';
    if (this.overlaps(offset, end))
      return this.isThere(offset, end) && equal(frame, from, this.carried, offset, to - from)
        ? 'more'
        : 'odd';
    this.take(frame, place, end);
    return this.bytes === this.total ? 'whole' : 'more';
  }

  /** Puts the whole into `into`: headers of the fragment of offset 0, and the payload. -1 if it is too long. */
  assemble(into: Uint8Array): number {
    const { first, headers, total, namedAt } = this;
    const length = headers + total;
    if (first === null || length > LONGEST) return -1;
    into.set(first.subarray(0, headers));
    into.set(this.carried.subarray(0, total), headers);
    into[namedAt] = this.carries;
    return length;
  }

  /** Gives up its fragments to the caller. */
  takeFrames(): readonly Uint8Array[] {
    const { frames } = this;
    this.frames = [];
    return frames;
  }

  get count(): number {
    return this.frames.length;
  }

  private take(frame: Uint8Array, place: FragmentPlace, end: number): void {
    const { from, to, offset, more } = place;
    const copy = frame.slice();
    this.frames.push(copy);
    this.carried.set(copy.subarray(from, to), offset);
    this.there.fill(ON, offset / UNIT, Math.ceil(end / UNIT));
    this.there[offset / UNIT] = BEGIN;
    this.bytes += to - from;
    this.longest = Math.max(this.longest, to - from);
    this.end = Math.max(this.end, end);
    if (!more) this.total = end;
    if (offset > 0) return;
    this.first = copy;
    this.headers = place.headers;
    this.namedAt = place.namedAt;
    this.carries = place.carries;
  }

  private overlaps(from: number, to: number): boolean {
    for (let at = from / UNIT; at < to / UNIT; at++) if (this.there[at] !== NONE) return true;
    return false;
  }

  /** A single earlier fragment had exactly this part. */
  private isThere(from: number, to: number): boolean {
    const { there } = this;
    const end = Math.ceil(to / UNIT);
    if (there[from / UNIT] !== BEGIN || there[end] === ON) return false;
    for (let at = from / UNIT + 1; at < end; at++) if (there[at] !== ON) return false;
    return true;
  }

  /** The ends agree, and no part goes beyond. */
  private endsWell(end: number, more: boolean): boolean {
    if (this.total >= 0) return more ? end < this.total : end === this.total;
    return more || end >= this.end;
  }

  /** Same header fields as the first to arrive, so the whole can represent each fragment. */
  private isAlike(frame: Uint8Array, { headers }: FragmentPlace): boolean {
    const { model, ip, version } = this;
    if (version === 4) return frame[ip + tos] === model[ip + tos] && frame[ip + ttl] === model[ip + ttl];
    return (
      headers === this.modelHeaders &&
      same(frame, model, ip + version_class_flow, ip + payload_length) &&
      frame[ip + hop_limit] === model[ip + hop_limit] &&
      same(frame, model, ip + ipv6.size, headers)
    );
  }
}
