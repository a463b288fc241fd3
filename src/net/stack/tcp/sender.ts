import type { Nanos } from '../../../core/bits.ts';
import { Outgoing } from './outgoing.ts';
import { RoundTrip } from './round-trip.ts';
import { Scoreboard } from './scoreboard.ts';

/** RFC 5681, 3.2: so many acknowledgments of the same byte tell of a loss. */
const DUPLICATES = 3;
/** RFC 3042: what is sent beyond the window for the first of them. A guest that joins what it gets tells of many segments once. */
const LIMITED_SEGMENTS = 2;
/** RFC 6675: more than so many segments behind a gap tell of a loss, too. */
const LOST_BEHIND = DUPLICATES - 1;
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
 * 6582, 3042), selective acknowledgments (RFC 6675), retransmission timeouts (RFC 6298). Bytes are counted from the first behind the SYN; a FIN counts as one.
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
  /** What the peer says that it has beyond; null of one that does not say. */
  private readonly board: Scoreboard | null;
  /** While a loss is made good: before here all that was missing was sent once more. */
  private mended = 0;
  /** What was sent before the last timeout ends here. */
  private doubted = 0;

  /** @param selective the peer says what it has beyond what it acknowledges. */
  constructor(mss: number, window: number, selective = false, outgoing = new Outgoing()) {
    this.outgoing = outgoing;
    this.board = selective ? new Scoreboard() : null;
    this.mss = mss;
    this.window = window;
    this.congestion = INITIAL_SEGMENTS * mss;
  }

  /** As this one, for a peer that takes other segments: what is to be sent stays. */
  with(mss: number, window: number, selective: boolean): Sender {
    const next = new Sender(mss, window, selective, this.outgoing);
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

  /** The peer has these, too: bytes that were sent and are not acknowledged. */
  has(from: number, to: number): void {
    if (from >= this.una && from < to && to <= this.sent) this.board?.add(from, to);
  }

  /** The peer has all before `upTo`. @param bare the segment said nothing else. @returns false if it cannot have it. */
  acknowledge(upTo: number, window: number, bare: boolean, now: Nanos): boolean {
    if (upTo > this.sent) return false;
    // One that says the same again and again, and is not full, is given up as one that says nothing.
    if (upTo > this.una || window === 0) this.roundTrip.lost = 0;
    if (upTo < this.una) return true;
    const isRepeated = bare && window !== 0 && window === this.window && this.next > this.una;
    if (upTo > this.una) this.advance(upTo, now);
    else if (isRepeated) this.repeated();
    if (this.recover === null && this.isLost(this.una)) this.begin();
    this.window = window;
    return true;
  }

  /** The next to send now, or null. */
  take(now: Nanos): Piece | null {
    if (this.resend) return this.again();
    if (this.probe) return this.probing();
    const { board } = this;
    if (board !== null && !board.isEmpty) {
      if (this.recover !== null) {
        if (this.congestion - this.underWay < this.mss) return null;
        const mend = this.mending(board);
        if (mend !== null) return mend;
      }
      // Behind a timeout all is sent again but for what the peer has.
      this.next = Math.min(Math.max(this.next, board.skip(this.next)), this.sent);
    }
    const open = Math.min(this.window, this.room);
    const gap = board?.gapEnd(this.next) ?? Number.POSITIVE_INFINITY;
    const room = Math.min(this.una + open, this.all, gap) - this.next;
    if (room <= 0) return null;
    const piece = this.pieceAt(this.next, room);
    // Silly window avoidance (RFC 9293, 3.8.6.2.1): less than a segment waits for room, unless it is the last.
    const isShort = piece.length < this.mss && this.next + piece.length < Math.min(gap, this.outgoing.end);
    if (isShort && this.next > this.una) return null;
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
    this.doubted = this.sent;
    this.board?.clear();
  }

  private get all(): number {
    return this.outgoing.end + Number(this.finished);
  }

  /** Bytes that may be sent beyond what congestion leaves, to hear of them whether more is lost. */
  private get limited(): number {
    return this.recover === null ? Math.min(this.duplicates, LIMITED_SEGMENTS) * this.mss : 0;
  }

  /** Bytes behind `una` that congestion leaves: while gaps are mended it counts what is on the wire, and not where. */
  private get room(): number {
    const isCounted = this.recover !== null && this.board !== null && !this.board.isEmpty;
    if (isCounted) return this.next - this.una + this.congestion - this.underWay;
    return this.congestion + this.limited;
  }

  /** What is on the wire, as far as it can be told. */
  private get underWay(): number {
    const { board, una, next } = this;
    return board === null ? next - una : board.underWay(una, next, this.mended, LOST_BEHIND * this.mss);
  }

  /** What is missing there was lost; behind a timeout nobody knows which of what was sent twice came. */
  private isLost(at: number): boolean {
    return at >= this.doubted && this.board !== null && at < this.board.lostBefore(LOST_BEHIND * this.mss);
  }

  private halved(flight: number): number {
    return Math.max(flight / 2, 2 * this.mss);
  }

  private advance(upTo: number, now: Nanos): void {
    const count = upTo - this.una;
    this.una = upTo;
    this.next = Math.max(this.next, upTo);
    this.board?.release(upTo);
    this.outgoing.release(Math.min(upTo, this.outgoing.end));
    this.roundTrip.end(upTo, now);
    this.duplicates = 0;
    if (this.recover === null) this.grow(count);
    else if (upTo >= this.recover) {
      this.congestion = this.threshold;
      this.recover = null;
    } else if (this.board === null) {
      this.resend = true;
      this.congestion = Math.max(this.mss, this.congestion - count + this.mss);
    } else if (upTo >= this.mended) this.resend = true;
  }

  private grow(count: number): void {
    const more =
      this.congestion < this.threshold ? count : Math.ceil((this.mss * this.mss) / this.congestion);
    this.congestion = Math.min(this.congestion + more, UNDER_WAY);
  }

  private repeated(): void {
    this.duplicates++;
    if (this.recover === null) {
      const isDoubted = this.board !== null && this.una < this.doubted;
      if (this.duplicates === DUPLICATES && !isDoubted) this.begin();
    } else if (this.board === null) this.congestion += this.mss;
  }

  /** A loss is to be made good. */
  private begin(): void {
    this.threshold = this.halved(this.next - this.una - LIMITED_SEGMENTS * this.mss);
    this.recover = this.next;
    this.mended = this.una;
    this.congestion = this.threshold + (this.board === null ? DUPLICATES * this.mss : 0);
    this.resend = true;
  }

  private again(): Piece {
    this.resend = false;
    this.roundTrip.forget();
    const end = Math.min(this.next, this.board?.gapEnd(this.una) ?? this.next);
    const piece = this.pieceAt(this.una, end - this.una);
    this.mended = Math.max(this.mended, this.una + lengthOf(piece));
    return piece;
  }

  /** The next gap that was lost, and was not sent once more yet. */
  private mending(board: Scoreboard): Piece | null {
    const from = board.skip(Math.max(this.mended, this.una));
    if (!this.isLost(from)) return null;
    this.roundTrip.forget();
    const piece = this.pieceAt(from, Math.min(board.gapEnd(from), this.next) - from);
    this.mended = from + lengthOf(piece);
    return piece;
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
