import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';
import { TCP_FLAGS } from '../../frame/headers.ts';
import type { Address } from '../address.ts';
import { type SocketAddress, socketAddress } from '../endpoint.ts';
import { Account } from './account.ts';
import { Delivery } from './delivery.ts';
import { Incoming } from './incoming.ts';
import type { Ends, Segment, TcpWire } from './segment.ts';
import { type Piece, Sender } from './sender.ts';
import { ahead, plus, type Sequence } from './sequence.ts';
import { SHIFT, Terms } from './terms.ts';

const { ACK, PSH, SYN, FIN } = TCP_FLAGS.mask;
const NOTHING = new Uint8Array(0);
/** RFC 9293, 3.8.6.2.2: a window that opened by less is not announced. */
const SEGMENTS_WORTH = 2;
/** Maximum bytes kept without a listener: 16 bits of window, shifted. */
const WINDOW = 0xffff << SHIFT;

/** Delay as in Linux; RFC 1122, 4.2.3.2, allows half a second. */
const DELAY: Nanos = 40_000_000;
/** An acknowledgment is due for every second segment. */
const SEGMENTS = 2;

/** A delayed acknowledgment, which waits for a segment to go with (RFC 1122, 4.2.3.2). */
class DelayedAck {
  private readonly clock: Clock;
  private readonly send: () => void;
  /** Made at the first delay: many connections never have one. */
  private timer: Timer | null = null;
  private segments = 0;
  private bytes = 0;

  constructor(clock: Clock, send: () => void) {
    this.clock = clock;
    this.send = send;
  }

  /** A segment of so many bytes came in order. @returns whether it must be acknowledged at once. */
  owe(count: number, mss: number): boolean {
    this.segments++;
    this.bytes += count;
    if (this.segments >= SEGMENTS || this.bytes > mss) return true;
    this.timer ??= this.clock.timer('tcp ack', this.send);
    if (!Number.isFinite(this.timer.due)) this.timer.arm(DELAY);
    return false;
  }

  /** The acknowledgment was sent. */
  paid(): void {
    this.segments = this.bytes = 0;
    this.timer?.disarm();
  }

  close(): void {
    if (this.timer !== null) this.clock.remove(this.timer);
    this.timer = null;
  }
}

/** The sending half of a connection: segments, with this end's state in their headers. */
export abstract class SendingHalf<A extends Address> extends Delivery {
  protected readonly ends: Ends<A>;
  protected readonly wire: TcpWire<A>;
  protected readonly delayed: DelayedAck;
  protected readonly initial: Sequence;
  protected incoming = new Incoming(0);
  protected terms: Terms;
  protected sender: Sender;
  protected readonly account: Account;
  /** The last acknowledgment number sent, and the window with it. */
  protected told: Sequence = 0;
  private toldRoom = 0;
  /** End of the largest window ever advertised. */
  private promised: Sequence = 0;

  /** @param initial the first sequence number. */
  constructor(wire: TcpWire<A>, ends: Ends<A>, initial: Sequence) {
    super();
    this.wire = wire;
    this.ends = ends;
    this.initial = initial;
    this.terms = new Terms(null, wire.mss, wire.clock.now);
    this.sender = new Sender(this.terms.mss, 0);
    this.account = new Account(wire.budget, this);
    this.delayed = new DelayedAck(wire.clock, () => this.acknowledge());
  }

  abstract abort(): void;

  abstract roomCame(): void;

  get local(): SocketAddress {
    return socketAddress(this.ends.local);
  }

  get remote(): SocketAddress {
    return socketAddress(this.ends.remote);
  }

  /** Takes the options of the peer's SYN. Its window is not scaled yet. */
  protected greet(syn: Segment): void {
    const { wire } = this;
    this.incoming = new Incoming(plus(syn.sequence, 1));
    this.told = this.promised = this.incoming.next;
    this.terms = new Terms(syn, wire.mss, wire.clock.now);
    this.sender = this.sender.with(this.terms.mss, syn.window, this.terms.selective);
  }

  protected saySyn(isAnswer: boolean): void {
    const { wire } = this;
    wire.send(this.ends, {
      sequence: this.initial,
      acknowledgment: isAnswer ? this.incoming.next : 0,
      flags: SYN | (isAnswer ? ACK : 0),
      window: 0xffff,
      ...this.terms.say(wire.mss, isAnswer, wire.clock.now),
      payload: NOTHING,
    });
  }

  protected sayPiece({ from, length, fin }: Piece): void {
    const bytes = new Uint8Array(length);
    this.sender.outgoing.copy(from, bytes);
    const isLast = length > 0 && from + length === this.sender.outgoing.end;
    this.say(ACK | (isLast ? PSH : 0) | (fin ? FIN : 0), this.sequenceOf(from), bytes);
  }

  protected acknowledge(): void {
    this.say(ACK, this.sequenceOf(this.sender.position), NOTHING);
  }

  protected say(flags: number, sequence: Sequence, payload: Uint8Array): void {
    const { next } = this.incoming;
    const { time, selective, shifts } = this.terms;
    const window = Math.min(this.room >> shifts.ours, 0xffff);
    const blocks = selective && payload.length === 0 ? this.incoming.blocks() : [];
    const timestamps = time?.stamp(this.wire.clock.now) ?? null;
    const options = { mss: null, shift: null, timestamps, blocks };
    this.promise(next, window << shifts.ours);
    this.delayed.paid();
    this.wire.send(this.ends, { sequence, acknowledgment: next, flags, window, ...options, payload });
  }

  /** The receive window now. */
  protected get room(): number {
    return Math.max(0, Math.min(WINDOW - this.unread, this.account.room));
  }

  /** The part of the segment that fits (RFC 9293, 3.10.7.4). The next bytes in order take precedence over waiting ones. */
  protected fitting(segment: Segment): Segment {
    const { incoming } = this;
    const { sequence, payload } = segment;
    const begin = ahead(sequence, incoming.next);
    if (begin + payload.length <= this.room) return segment;
    if (begin <= 0 && !incoming.isWhole) {
      incoming.forget();
      this.settle();
    }
    const length = Math.max(0, this.room - begin);
    if (length >= payload.length) return segment;
    return { ...segment, payload: payload.subarray(0, length), flags: segment.flags & ~FIN };
  }

  /** Accounts for the bytes kept now. */
  protected settle(): void {
    this.account.settle(this.kept + this.incoming.kept, this.sender.outgoing.kept);
  }

  /** The window that the peer may assume: one that was open may have been closed since. */
  protected get hoped(): number {
    return Math.max(this.room, ahead(this.promised, this.incoming.next));
  }

  /** The window is much larger than the peer knows. */
  protected get hasOpened(): boolean {
    const known = ahead(this.told, this.incoming.next) + this.toldRoom;
    return this.room - known >= SEGMENTS_WORTH * this.wire.mss;
  }

  private promise(next: Sequence, room: number): void {
    const end = plus(next, room);
    this.told = next;
    this.toldRoom = room;
    if (ahead(end, this.promised) > 0) this.promised = end;
    this.remind();
  }

  /** If the window is small because of other connections, asks to be notified when there is room. */
  protected remind(): void {
    this.account.told(this.toldRoom, SEGMENTS_WORTH * this.wire.mss);
  }

  /** The sequence number of a byte counted from the first after the SYN. */
  protected sequenceOf(offset: number): Sequence {
    return plus(this.initial, 1 + (offset % 2 ** 32));
  }
}
