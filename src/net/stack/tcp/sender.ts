import type { Nanos } from '../../../core/bits.ts';
import { Outgoing } from './outgoing.ts';
import { RoundTrip } from './round-trip.ts';
import { Scoreboard } from './scoreboard.ts';

/** RFC 5681, 3.2: so many duplicate acknowledgments indicate a loss. */
const DUPLICATES = 3;
/** RFC 3042: what is sent beyond the window for the first of them. A guest that joins segments acknowledges many at once. */
const LIMITED_SEGMENTS = 2;
/** RFC 6675: more than so many segments after a gap also indicate a loss. */
const LOST_BEHIND = DUPLICATES - 1;
/** Initial window, RFC 6928. */
const INITIAL_SEGMENTS = 10;
/** Maximum bytes in flight, however good the wire: a card's buffer for a slow guest is limited. */
const UNDER_WAY = 1 << 20;

/** A range of bytes to send, counted from the first of the connection; after the very last a FIN. */
export interface Piece {
  readonly from: number;
  readonly length: number;
  readonly fin: boolean;
}

/**
 * Decides what to send and when, and what to retransmit: windows, slow start, congestion avoidance, fast retransmit and
 * recovery (RFC 5681, 6582, 3042), selective acknowledgments (RFC 6675), retransmission timeouts (RFC 6298). Bytes are
 * counted from the first after the SYN; a FIN counts as one.
 */
export class Sender {
  readonly outgoing: Outgoing;
  readonly roundTrip = new RoundTrip();
  /** No more data is added: a FIN follows the last byte. */
  finished = false;
  /** The first unacknowledged byte, and the next to send, for the first time or again. */
  private una = 0;
  private next = 0;
  /** End of all that was ever sent. */
  private sent = 0;
  /** Bytes that the peer accepts after `una`. */
  private window = 0;
  private congestion: number;
  private threshold = Number.POSITIVE_INFINITY;
  private duplicates = 0;
  /** During recovery: end of what was sent before the loss was detected. Else null. */
  private recover: number | null = null;
  private resend = false;
  private probe = false;
  private asked = 0;
  private readonly mss: number;
  /** What the peer reports as received by SACK; null without SACK. */
  private readonly board: Scoreboard | null;
  /** During recovery: all missing data before this was retransmitted. */
  private mended = 0;
  /** End of what was sent before the last timeout. */
  private doubted = 0;

  /** @param selective whether the peer sends SACK. */
  constructor(mss: number, window: number, selective = false, outgoing = new Outgoing()) {
    this.outgoing = outgoing;
    this.board = selective ? new Scoreboard() : null;
    this.mss = mss;
    this.window = window;
    this.congestion = INITIAL_SEGMENTS * mss;
  }

  /** A copy for a peer with another segment size: data to be sent stays. */
  with(mss: number, window: number, selective: boolean): Sender {
    const next = new Sender(mss, window, selective, this.outgoing);
    next.finished = this.finished;
    return next;
  }

  get acknowledged(): number {
    return this.una;
  }

  /** After all that was ever sent: the position of a segment without data. */
  get position(): number {
    return this.sent;
  }

  /** Whether anything was acknowledged since the last call: then the retransmission timer restarts. */
  hasMoved(): boolean {
    const moved = this.una !== this.asked;
    this.asked = this.una;
    return moved;
  }

  /** All data was acknowledged, the FIN included. */
  get isDone(): boolean {
    return this.finished && this.una === this.all;
  }

  /** Data is in flight, or waits for a closed window: a timer must run. */
  get isWaiting(): boolean {
    return this.next > this.una || (this.window === 0 && this.all > this.una);
  }

  /** The peer reports these unacknowledged bytes as received. */
  has(from: number, to: number): void {
    if (from >= this.una && from < to && to <= this.sent) this.board?.add(from, to);
  }

  /** The peer has all before `upTo`. @param bare the segment held nothing else. @returns false if that is impossible. */
  acknowledge(upTo: number, window: number, bare: boolean, now: Nanos): boolean {
    if (upTo > this.sent) return false;
    // A peer that repeats the same acknowledgment with an open window for long is given up like a silent one.
    if (upTo > this.una || window === 0) this.roundTrip.lost = 0;
    if (upTo < this.una) return true;
    const isRepeated = bare && window !== 0 && window === this.window && this.next > this.una;
    if (upTo > this.una) this.advance(upTo, now);
    else if (isRepeated) this.repeated();
    if (this.recover === null && this.isLost(this.una)) this.begin();
    this.window = window;
    return true;
  }

  /** The next range to send now, or null. */
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
      // After a timeout all is sent again except what the peer has.
      this.next = Math.min(Math.max(this.next, board.skip(this.next)), this.sent);
    }
    const open = Math.min(this.window, this.room);
    const gap = board?.gapEnd(this.next) ?? Number.POSITIVE_INFINITY;
    const room = Math.min(this.una + open, this.all, gap) - this.next;
    if (room <= 0) return null;
    const piece = this.pieceAt(this.next, room);
    // Silly window avoidance (RFC 9293, 3.8.6.2.1): less than a segment waits for a larger window, unless it is the last.
    const isShort = piece.length < this.mss && this.next + piece.length < Math.min(gap, this.outgoing.end);
    if (isShort && this.next > this.una) return null;
    this.next += lengthOf(piece);
    if (this.next > this.sent) this.roundTrip.begin(this.next, now);
    this.sent = Math.max(this.sent, this.next);
    return piece;
  }

  /** The retransmission timeout expired. */
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

  /** Bytes allowed beyond the congestion window, to learn from their acknowledgments whether more is lost. */
  private get limited(): number {
    return this.recover === null ? Math.min(this.duplicates, LIMITED_SEGMENTS) * this.mss : 0;
  }

  /** Bytes after `una` that the congestion window allows: during recovery, the number in flight, wherever they are. */
  private get room(): number {
    const isCounted = this.recover !== null && this.board !== null && !this.board.isEmpty;
    if (isCounted) return this.next - this.una + this.congestion - this.underWay;
    return this.congestion + this.limited;
  }

  /** Estimated bytes in flight. */
  private get underWay(): number {
    const { board, una, next } = this;
    return board === null ? next - una : board.underWay(una, next, this.mended, LOST_BEHIND * this.mss);
  }

  /** Whether missing data there is lost; after a timeout it is unknown which copy arrived. */
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

  /** Begins recovery from a loss. */
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

  /** The next lost gap that was not retransmitted yet. */
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
