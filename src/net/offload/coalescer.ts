import { setBytes } from '../../core/set-bytes.ts';
import { Views } from '../../core/views.ts';
import { SCRATCH_BYTES, scratchFor } from '../../core/wasm/scratch.ts';
import { PROTOCOL } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';
import { ENCAPSULATION, findWithin } from '../frame/tunnel.ts';
import { blank, type Coalesced, type Sums } from './coalesced.ts';
import { Flow } from './flow.ts';
import { type Joins, mayCarry, mayJoin, NO_JOINS, sumsOf } from './joins.ts';

/** Shorter frames are summed as fast in place. */
const COPIED = 256;

let views: Views | null | undefined;

/**
 * The frame being processed: a copy where WebAssembly sums and parts need no new views, or the frame itself. Valid until
 * the next frame of any card.
 */
class Seen {
  copy: Uint8Array = new Uint8Array(0);
  private copied = false;

  look(frame: Uint8Array): Uint8Array {
    if (views === undefined) views = viewsOfScratch();
    const { length } = frame;
    this.copied = views !== null && length >= COPIED && length <= SCRATCH_BYTES;
    if (!this.copied) return (this.copy = frame);
    const copy = views!.of(0, length);
    setBytes(copy, frame, 0);
    return (this.copy = copy);
  }

  /** The rest of the frame from there on. */
  from(start: number): Uint8Array {
    const { copy } = this;
    return this.copied ? views!.of(start, copy.length) : copy.subarray(start);
  }
}

function viewsOfScratch(): Views | null {
  const scratch = scratchFor('frame');
  return scratch && new Views(scratch.bytes);
}

/** Receives delivered frames. The record and its frame are reused: copy what you keep. */
export interface CoalescedSink {
  deliver(packet: Coalesced): void;
}

const FLOWS = 8;
const TAGS = 1;
/** Tunnels over UDP whose own headers are the same for every segment. */
const TUNNELS = ENCAPSULATION.VXLAN | ENCAPSULATION.VXLAN_GPE | ENCAPSULATION.GENEVE;

/**
 * Receive coalescing of TCP and UDP over IPv4 and IPv6, as network cards do it: consecutive segments of a connection
 * become one large frame that the guest could have sent itself.
 *
 * The conditions are those of Linux's GRO, or stricter: valid checksums, next sequence number, equal acknowledgment,
 * window, TTL, TOS, DF, flow label, TCP options and link header, no flags but ACK and PSH (and those of RFC 3168, where
 * the guest takes them), no IP options or extension headers, no fragments, no padding, identification counting up (or
 * fixed under DF), equal sizes but for a shorter last segment; in a tunnel over UDP, the same for the outer headers.
 * Any other frame is delivered unchanged, after what is
 * held for its connection: order within a connection never changes.
 *
 * @example
 * const coalescer = new Coalescer({ deliver: ({ frame, segments, gsoSize }) => … });
 * coalescer.joins = { ...NO_JOINS, tcp4: true };
 * coalescer.add(first);      // held
 * coalescer.add(second);     // held, joined to the first
 * coalescer.flush();         // deliver(): frame of both, segments 2; call it when no more frames are at hand
 */
export class Coalescer {
  joins: Joins = NO_JOINS;
  private readonly flows: Flow[] = [];
  private readonly layout = new FrameLayout();
  /** For frames in a tunnel. */
  private readonly inner = new FrameLayout();
  private readonly seen = new Seen();
  private readonly packet = blank();
  private begun = 0;
  private readonly to: CoalescedSink;

  constructor(to: CoalescedSink) {
    this.to = to;
  }

  /** Whether a frame is held. */
  get holds(): boolean {
    return this.oldest() !== undefined;
  }

  /** Takes a frame from the wire: holds a copy, or delivers it at once. */
  add(frame: Uint8Array): void {
    const { layout, inner, seen } = this;
    const copy = seen.look(frame);
    findHeaders(copy, layout);
    const around = this.joins.tunnels && isTunnel(copy, layout, inner) ? layout : null;
    const at = around === null ? layout : inner;
    if (at.transport !== 0) {
      this.addSegment(frame, at, around);
      return;
    }
    // A later fragment or a cut frame names no ports: it may belong to any connection.
    if (at.version !== 0 && (at.protocol === PROTOCOL.TCP || at.protocol === PROTOCOL.UDP)) this.flush();
    this.pass(frame, around === null ? 'none' : sumsOf(frame, around));
  }

  /** Delivers all held frames, the oldest connection first. */
  flush(): void {
    for (let flow = this.oldest(); flow !== undefined; flow = this.oldest()) this.release(flow);
  }

  /** The copy used for parsing may be replaced when a frame is delivered: only the frame itself is still valid then. */
  private addSegment(frame: Uint8Array, at: FrameLayout, around: FrameLayout | null): void {
    const { seen } = this;
    const { copy } = seen;
    const flow = this.flowOf(copy, at, around);
    const sums = sumsOf(copy, around ?? at);
    const fit = this.fits(copy, at, around, sums);
    if (fit && flow?.continues(copy, at, around)) {
      flow.append(copy, seen.from(at.payload));
      if (flow.closedBy(frame, at)) this.release(flow);
      return;
    }
    if (flow !== undefined) this.release(flow);
    const fresh = fit ? (flow ?? this.freePlace()) : null;
    if (!fresh?.hold(frame, at, around, this.begun++)) this.pass(frame, sums);
    else if (fresh.closedBy(frame, at)) this.release(fresh);
  }

  /** @param sums those of the outermost headers. */
  private fits(frame: Uint8Array, at: FrameLayout, around: FrameLayout | null, sums: Sums): boolean {
    const { joins } = this;
    if (at.tags > TAGS) return false;
    if (around === null) return sums === 'good' && mayJoin(frame, at, joins);
    // Duplicate acknowledgments are counted only if all checksums are checked.
    if (around.tags > TAGS || at.payload === frame.length) return false;
    if (!mayCarry(frame, around, sums, joins) || !mayJoin(frame, at, joins)) return false;
    return sumsOf(frame, at) === 'good';
  }

  private pass(frame: Uint8Array, sums: Sums): void {
    const { packet } = this;
    packet.frame = frame;
    packet.segments = 1;
    packet.cut = null;
    packet.gsoSize = packet.headerLength = packet.csumStart = packet.csumOffset = packet.duplicates = 0;
    packet.within = packet.outerTransport = 0;
    packet.outerOpen = false;
    packet.ecn = false;
    packet.sums = sums;
    this.to.deliver(packet);
  }

  private release(flow: Flow): void {
    flow.release(this.packet);
    this.to.deliver(this.packet);
  }

  private flowOf(frame: Uint8Array, at: FrameLayout, around: FrameLayout | null): Flow | undefined {
    for (let i = 0; i < this.flows.length; i++)
      if (this.flows[i]!.owns(frame, at, around)) return this.flows[i];
    return undefined;
  }

  /** A free slot, made if there are fewer than eight; else that of the oldest flow, which is delivered. */
  private freePlace(): Flow {
    for (let i = 0; i < this.flows.length; i++) if (this.flows[i]!.segments === 0) return this.flows[i]!;
    if (this.flows.length === FLOWS) {
      const oldest = this.oldest()!;
      this.release(oldest);
      return oldest;
    }
    const made = new Flow();
    this.flows.push(made);
    return made;
  }

  private oldest(): Flow | undefined {
    let oldest: Flow | undefined;
    for (let i = 0; i < this.flows.length; i++) {
      const flow = this.flows[i]!;
      if (flow.segments > 0 && (oldest === undefined || flow.since < oldest.since)) oldest = flow;
    }
    return oldest;
  }
}

function isTunnel(frame: Uint8Array, outer: FrameLayout, inner: FrameLayout): boolean {
  return outer.protocol === PROTOCOL.UDP && (findWithin(frame, outer, inner) & TUNNELS) !== 0;
}
