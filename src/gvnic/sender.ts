import type { Board } from '../core/board.ts';
import { type Budget, BYTES_SHIFT } from '../core/budget.ts';
import type { Staging } from '../core/staging.ts';
import { Views } from '../core/views.ts';
import type { Wire } from '../net/backends/wire.ts';
import { ethernet, LONGEST_FRAME, PROTOCOL } from '../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../net/frame/layout.ts';
import { completeChecksum, computeChecksum, type FrameSink, Segmenter } from '../net/offload/index.ts';

/** A smaller MSS makes segments without number: such a frame is dropped. */
const MSS_LEAST = 8;
/** Cost of a segment, in units of the budget. */
const SEGMENT = 96;

/** Takes the packets that rings put together, does what their descriptors ask for, and sends them. */
export class Sender implements FrameSink {
  /** Where a ring puts the bytes of a packet together. */
  readonly packet: Staging;
  readonly wire: Wire = { up: true, onFrame: null, backend: null };
  private readonly budget: Budget;
  private readonly segmenter: Segmenter;
  private readonly layout = new FrameLayout();
  /** Of packets of recurring lengths, until the memory moves them. */
  private views: Views;

  /** @param longest bytes of the longest packet. */
  constructor({ memory }: Board, budget: Budget, longest: number) {
    this.budget = budget;
    this.packet = memory.staging(longest);
    this.views = new Views(this.packet.bytes);
    this.segmenter = new Segmenter(memory.staging(LONGEST_FRAME));
  }

  /** Sends the packet as it is. */
  sendPlain(length: number): void {
    if (isFrame(length)) this.send(this.frame(length));
  }

  /** Completes a checksum from `start` on, whose field is at `start + offset`, as `completeChecksum` does. */
  sendCompleted(length: number, start: number, offset: number): void {
    if (!isFrame(length)) return;
    const frame = this.frame(length);
    completeChecksum(frame, start, offset);
    this.send(frame);
  }

  /** Computes the checksum of TCP or UDP, if it has one. */
  sendComputed(length: number): void {
    if (!isFrame(length)) return;
    const frame = this.frame(length);
    findHeaders(frame, this.layout);
    computeChecksum(frame, this.layout);
    this.send(frame);
  }

  /**
   * Cuts the packet into segments of `mss` bytes; what cannot be cut is dropped.
   *
   * @param takesUdp whether it may be UDP.
   */
  sendCut(length: number, mss: number, takesUdp: boolean): void {
    if (mss < MSS_LEAST) return;
    const { layout } = this;
    const frame = this.frame(length);
    findHeaders(frame, layout);
    const isUdp = layout.protocol === PROTOCOL.UDP;
    if (isUdp && !takesUdp) return;
    const cut = isUdp ? 'UDP_L4' : layout.version === 4 ? 'TCPV4' : 'TCPV6';
    if (this.segmenter.segment(frame, cut, mss, this)) this.budget.spend(Math.ceil(length / mss) * SEGMENT);
  }

  send(frame: Uint8Array): void {
    const { wire } = this;
    this.budget.spend(frame.length >> BYTES_SHIFT);
    if (!wire.up) return;
    wire.onFrame?.(frame, true);
    wire.backend?.send(frame);
  }

  /** The packet's bytes. */
  frame(length: number): Uint8Array {
    const { packet } = this;
    if (this.views.bytes !== packet.bytes) this.views = new Views(packet.bytes);
    return this.views.of(0, length);
  }
}

/** What no packet of IP is as long as is no frame, and what lacks a header is none. */
function isFrame(length: number): boolean {
  return length >= ethernet.size && length <= LONGEST_FRAME;
}
