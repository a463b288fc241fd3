import { setBytes } from '../../core/set-bytes.ts';
import { Views } from '../../core/views.ts';
import { SCRATCH_BYTES, scratchFor } from '../../core/wasm/scratch.ts';
import { PROTOCOL } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';
import { ENCAPSULATION, findWithin } from '../frame/tunnel.ts';
import { blank, type Coalesced, type Sums } from './coalesced.ts';
import { Flow, HEADER_BYTES, LEAD } from './flow.ts';
import { type Joins, mayCarry, mayJoin, NO_JOINS, sumsOf } from './joins.ts';

/**
 * The frame being processed: a copy where WebAssembly sums, parts need no new views, and headers lie on words. Valid until the
 * next frame of any card.
 */
class Seen {
  copy: Uint8Array = new Uint8Array(0);
  /** The headers, after `LEAD` bytes. */
  readonly words: Int32Array;
  private readonly views: Views;

  constructor() {
    const bytes = scratchFor('frame')?.bytes ?? new Uint8Array(SCRATCH_BYTES);
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4);
    this.views = new Views(bytes.subarray(LEAD));
  }

  look(frame: Uint8Array): Uint8Array {
    const { length } = frame;
    // Longer ones are never held.
    if (length > this.views.bytes.length) return (this.copy = frame);
    const copy = this.views.of(0, length);
    setBytes(copy, frame, 0);
    return (this.copy = copy);
  }

  /** The rest of the copy from there on. */
  from(start: number): Uint8Array {
    return this.views.of(start, this.copy.length);
  }
}

/** One for all cards, made for the first frame. */
let seen: Seen | undefined;

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
  private readonly packet = blank();
  /** Where the last segment was held: the next one is often of the same connection. */
  private recent: Flow | undefined;
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
    const { layout, inner, recent } = this;
    seen ??= new Seen();
    const copy = seen.look(frame);
    if (recent?.isAlike(copy, seen.words) && (recent.around === null || this.joins.tunnels)) {
      this.addSegment(frame, recent.at, recent.around, recent, true);
      return;
    }
    findHeaders(copy, layout);
    const around = this.joins.tunnels && isTunnel(copy, layout, inner) ? layout : null;
    const at = around === null ? layout : inner;
    if (at.transport !== 0) {
      const flow = this.flowOf(copy, at, around);
      this.addSegment(frame, at, around, flow, flow?.isAlike(copy, seen.words) ?? false);
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

  /**
   * The copy used for parsing may be replaced when a frame is delivered: only the frame itself is still valid then.
   * @param flow that of the connection, if one is held; `alike` tells whether the frame has its headers.
   */
  private addSegment(
    frame: Uint8Array,
    at: FrameLayout,
    around: FrameLayout | null,
    flow: Flow | undefined,
    alike: boolean,
  ): void {
    const { copy } = seen!;
    const sums = sumsOf(copy, around ?? at);
    const fit = this.fits(copy, at, around, sums);
    if (fit && alike && flow!.continues(copy)) {
      flow!.append(copy, seen!.from(at.payload));
      this.recent = flow;
      if (flow!.closedBy(frame, at)) this.release(flow!);
      return;
    }
    if (flow !== undefined) this.release(flow);
    const fresh = fit ? (flow ?? this.freePlace()) : null;
    if (!fresh?.hold(frame, at, around, this.begun++)) this.pass(frame, sums);
    else if (fresh.closedBy(frame, at)) this.release(fresh);
    else this.recent = fresh;
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
