import { PROTOCOL } from '../frame/headers.ts';
import { FrameLayout, findHeaders } from '../frame/layout.ts';
import { type Coalesced, GroFlow, mayCoalesce } from './gro-flow.ts';

/** Where frames go on to. The record and its frame are reused: copy what you keep. */
export interface CoalescedSink {
  deliver(packet: Coalesced): void;
}

const FLOWS = 8;

/**
 * Receive coalescing of TCP over IPv4, as network cards do it: consecutive segments of a
 * connection become one large frame that the guest could have sent itself.
 *
 * The conditions are those of Linux's GRO, to the safe side: valid checksums, next sequence number, equal
 * acknowledgment, window, TTL, TOS, DF, TCP options and link header, no flags but ACK and PSH, no IP options, no
 * fragments, no padding, identification counting up (or fixed under DF), equal sizes but for a shorter last
 * segment. Whatever else comes is handed on as it is, after what is held of its connection: order within a
 * connection never changes.
 *
 * @example
 * const gro = new Gro4({ deliver: ({ frame, segments, gsoSize }) => … });
 * gro.add(first);      // held
 * gro.add(second);     // held, joined to the first
 * gro.flush();         // deliver(): frame of both, segments 2; call it when no more frames are at hand
 */
export class Gro4 {
  private readonly flows: GroFlow[] = [];
  private readonly layout = new FrameLayout();
  private readonly packet: Coalesced = {
    frame: new Uint8Array(0),
    segments: 0,
    gsoSize: 0,
    headerLength: 0,
    csumStart: 0,
    csumOffset: 0,
  };
  private begun = 0;
  private readonly to: CoalescedSink;

  constructor(to: CoalescedSink) {
    this.to = to;
  }

  /** Takes a frame from the wire: holds a copy, or hands it on at once. */
  add(frame: Uint8Array): void {
    const at = this.layout;
    findHeaders(frame, at);
    const tcp = at.version === 4 && at.tags <= 1 && at.protocol === PROTOCOL.TCP;
    if (tcp && at.transport !== 0) {
      this.addSegment(frame, at);
      return;
    }
    // A later fragment or a cut frame names no ports: it may belong to any connection.
    if (tcp) this.flush();
    this.pass(frame);
  }

  /** Delivers all that is held, the connection that began first first. */
  flush(): void {
    for (let flow = this.oldest(); flow !== undefined; flow = this.oldest()) this.release(flow);
  }

  private addSegment(frame: Uint8Array, at: FrameLayout): void {
    const flow = this.flowOf(frame, at);
    const fit = mayCoalesce(frame, at);
    if (fit && flow?.continues(frame, at)) {
      flow.append(frame);
      if (flow.closedBy(frame, at)) this.release(flow);
      return;
    }
    if (flow !== undefined) this.release(flow);
    if (!fit) {
      this.pass(frame);
      return;
    }
    const fresh = flow ?? this.freePlace();
    fresh.hold(frame, at, this.begun++);
    if (fresh.closedBy(frame, at)) this.release(fresh);
  }

  private pass(frame: Uint8Array): void {
    const { packet } = this;
    packet.frame = frame;
    packet.segments = 1;
    packet.gsoSize = packet.headerLength = packet.csumStart = packet.csumOffset = 0;
    this.to.deliver(packet);
  }

  private release(flow: GroFlow): void {
    flow.release(this.packet);
    this.to.deliver(this.packet);
  }

  private flowOf(frame: Uint8Array, at: FrameLayout): GroFlow | undefined {
    for (let i = 0; i < this.flows.length; i++) if (this.flows[i]!.owns(frame, at)) return this.flows[i];
    return undefined;
  }

  /** A free place, made if there are fewer than eight; else that of the oldest flow, which is delivered. */
  private freePlace(): GroFlow {
    for (let i = 0; i < this.flows.length; i++) if (this.flows[i]!.segments === 0) return this.flows[i]!;
    if (this.flows.length === FLOWS) {
      const oldest = this.oldest()!;
      this.release(oldest);
      return oldest;
    }
    const made = new GroFlow();
    this.flows.push(made);
    return made;
  }

  private oldest(): GroFlow | undefined {
    let oldest: GroFlow | undefined;
    for (let i = 0; i < this.flows.length; i++) {
      const flow = this.flows[i]!;
      if (flow.segments > 0 && (oldest === undefined || flow.since < oldest.since)) oldest = flow;
    }
    return oldest;
  }
}
