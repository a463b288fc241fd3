import type { Nanos } from '../../../core/bits.ts';
import { Outgoing } from './outgoing.ts';
import { RoundTrip } from './round-trip.ts';

/** RFC 5681, 3.2: so many acknowledgments of the same byte tell of a loss. */
const DUPLICATES = 3;
/** RFC 3042: what is sent beyond the window for the first of them. A guest that joins what it gets tells of many segments once. */
const LIMITED_SEGMENTS = 2;
/** RFC 6928. */
const INITIAL_SEGMENTS = 10;
/** Bytes under way at most, however good the wire: what a card keeps for a guest that is slow is not endless. */
const UNDER_WAY = 1 << 20;

/** A run of bytes to send, counted from the first of the connection; behind the last of all a FIN. */
export interface Piece {
  readonly from: number;
  readonly length: number;
  readonly fin: boolean;
}

/**
 * What is sent, when, and what once more: windows, slow start and congestion avoidance, fast retransmit and recovery (RFC 5681,
 * 6582, 3042), retransmission timeouts (RFC 6298). Bytes are counted from the first behind the SYN; a FIN counts as one.
 */
export class Sender {
  readonly outgoing: Outgoing;
  readonly roundTrip = new RoundTrip();
  /** Nothing is added any more: a FIN follows the last byte. */
  finished = false;
  /** The first that is not acknowledged, and the next to send for the first time or once more. */
  private una = 0;
  private next = 0;
  /** Behind the last that was ever sent. */
  private sent = 0;
  /** Bytes that the peer takes behind `una`. */
  private window = 0;
  private congestion: number;
  private threshold = Number.POSITIVE_INFINITY;
  private duplicates = 0;
  /** While a loss is made good: what was sent before it was seen. Else null. */
  private recover: number | null = null;
  private resend = false;
  private probe = false;
  private asked = 0;
  private readonly mss: number;

  constructor(mss: number, window: number, outgoing = new Outgoing()) {
    this.outgoing = outgoing;
    this.mss = mss;
    this.window = window;
    this.congestion = INITIAL_SEGMENTS * mss;
  }

  /** As this one, for a peer that takes other segments: what is to be sent stays. */
  with(mss: number, window: number): Sender {
    const next = new Sender(mss, window, this.outgoing);
    next.finished = this.finished;
    return next;
  }

  get acknowledged(): number {
    return this.una;
  }

  /** Behind all that was ever sent: where a segment without bytes stands. */
  get position(): number {
    return this.sent;
  }

  /** Whether anything was acknowledged since this was asked last: then the time for the rest begins anew. */
  hasMoved(): boolean {
    const moved = this.una !== this.asked;
    this.asked = this.una;
    return moved;
  }

  /** All came over, the FIN included. */
  get isDone(): boolean {
    return this.finished && this.una === this.all;
  }

  /** Something is under way, or waits for a window that is closed: a timer is to run. */
  get isWaiting(): boolean {
    return this.next > this.una || (this.window === 0 && this.all > this.una);
  }

  /** The peer has all before `upTo`. @param bare the segment said nothing else. @returns false if it cannot have it. */
  acknowledge(upTo: number, window: number, bare: boolean, now: Nanos): boolean {
    if (upTo > this.sent) return false;
    this.roundTrip.lost = 0;
    if (upTo < this.una) return true;
    const isRepeated = bare && window !== 0 && window === this.window && this.next > this.una;
    if (upTo > this.una) this.advance(upTo, now);
    else if (isRepeated) this.repeated();
    this.window = window;
    return true;
  }

  /** The next to send now, or null. */
  take(now: Nanos): Piece | null {
    if (this.resend) return this.again();
    if (this.probe) return this.probing();
    const open = Math.min(this.window, this.congestion + this.limited);
    const room = Math.min(this.una + open, this.all) - this.next;
    if (room <= 0) return null;
    const piece = this.pieceAt(this.next, room);
    // Silly window avoidance (RFC 9293, 3.8.6.2.1): less than a segment waits for room, unless it is the last.
    if (piece.length < this.mss && this.next > this.una && this.next + piece.length < this.outgoing.end)
      return null;
    this.next += lengthOf(piece);
    if (this.next > this.sent) this.roundTrip.begin(this.next, now);
    this.sent = Math.max(this.sent, this.next);
    return piece;
  }

  /** Nothing was heard for as long as the round trip says. */
  timeout(): void {
    this.roundTrip.backOff();
    if (this.window === 0) {
      this.probe = true;
      return;
    }
    this.threshold = this.halved(this.next - this.una);
    this.congestion = this.mss;
    this.next = this.una;
    this.recover = null;
    this.duplicates = 0;
  }

  private get all(): number {
    return this.outgoing.end + Number(this.finished);
  }

  /** Bytes that may be sent beyond what congestion leaves, to hear of them whether more is lost. */
  private get limited(): number {
    return this.recover === null ? Math.min(this.duplicates, LIMITED_SEGMENTS) * this.mss : 0;
  }

  private halved(flight: number): number {
    return Math.max(flight / 2, 2 * this.mss);
  }

  private advance(upTo: number, now: Nanos): void {
    const count = upTo - this.una;
    this.una = upTo;
    this.next = Math.max(this.next, upTo);
    this.outgoing.release(Math.min(upTo, this.outgoing.end));
    this.roundTrip.end(upTo, now);
    this.duplicates = 0;
    if (this.recover === null) this.grow(count);
    else if (upTo >= this.recover) {
      this.congestion = this.threshold;
      this.recover = null;
    } else {
      this.resend = true;
      this.congestion = Math.max(this.mss, this.congestion - count + this.mss);
    }
  }

  private grow(count: number): void {
    const more =
      this.congestion < this.threshold ? count : Math.ceil((this.mss * this.mss) / this.congestion);
    this.congestion = Math.min(this.congestion + more, UNDER_WAY);
  }

  private repeated(): void {
    this.duplicates++;
    if (this.recover !== null) this.congestion += this.mss;
    else if (this.duplicates === DUPLICATES) {
      this.threshold = this.halved(this.next - this.una - LIMITED_SEGMENTS * this.mss);
      this.recover = this.next;
      this.congestion = this.threshold + DUPLICATES * this.mss;
      this.resend = true;
    }
  }

  private again(): Piece {
    this.resend = false;
    this.roundTrip.forget();
    return this.pieceAt(this.una, this.next - this.una);
  }

  private probing(): Piece {
    this.probe = false;
    const piece = this.pieceAt(this.una, 1);
    this.next = this.una + lengthOf(piece);
    this.sent = Math.max(this.sent, this.next);
    return piece;
  }

  private pieceAt(from: number, room: number): Piece {
    const length = Math.max(0, Math.min(this.mss, room, this.outgoing.end - from));
    const fin = this.finished && from + length === this.outgoing.end && room > length;
    return { from, length, fin };
  }
}

function lengthOf({ length, fin }: Piece): number {
  return length + Number(fin);
}
