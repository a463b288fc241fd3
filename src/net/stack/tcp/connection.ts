import type { Nanos } from '../../../core/bits.ts';
import { checkBytes } from '../../../core/checks.ts';
import type { Timer } from '../../../core/clock.ts';
import { TCP_FLAGS } from '../../frame/headers.ts';
import type { Address, Ipv4 } from '../address.ts';
import { type SocketAddress, socketAddress } from '../endpoint.ts';
import { Ears } from './ears.ts';
import { Incoming } from './incoming.ts';
import type { Ends, Segment } from './segment.ts';
import { type Piece, Sender } from './sender.ts';
import { ahead, plus, type Sequence } from './sequence.ts';
import type { TcpEnd, TcpSocket } from './socket.ts';
import { stepped, type TcpState, type TcpStep } from './states.ts';
import type { TcpWire } from './wire.ts';

const { ACK, PSH, RST, SYN, FIN } = TCP_FLAGS.mask;
const NOTHING = new Uint8Array(0);

/** What this end takes that nobody listens to yet: 16 bits of window, shifted. */
const SHIFT = 4;
const WINDOW = 0xffff << SHIFT;
/** RFC 9293, 3.7.1: of a peer that does not say. */
const DEFAULT_MSS = 536;
/** RFC 1122, 4.2.3.5, has R2 at 100 seconds at least. */
const TRIES = 15;
/** Twice how long a segment may be under way: nothing lingers on this wire. */
const LINGERS: Nanos = 1_000_000_000;

/** One end of a TCP connection (RFC 9293). Everything that happens to it does so at once, on the virtual clock. */
export class TcpConnection<A extends Address = Ipv4> extends Ears implements TcpSocket {
  state: TcpState = 'SYN-SENT';
  private readonly ends: Ends<A>;
  private readonly wire: TcpWire<A>;
  private readonly timer: Timer;
  private readonly initial: Sequence;
  private incoming = new Incoming(0);
  private sender = new Sender(DEFAULT_MSS, 0);
  /** Of windows that the peer tells, and of those told to it. */
  private shifts: { readonly theirs: number; readonly ours: number } = { theirs: 0, ours: 0 };
  /** Where the peer's FIN stands, once it said. */
  private fin: Sequence | null = null;
  /** All before it came, and it too. */
  private heardAll = false;

  /** @param initial the first sequence number. */
  constructor(wire: TcpWire<A>, ends: Ends<A>, initial: Sequence) {
    super();
    this.wire = wire;
    this.ends = ends;
    this.initial = initial;
    this.timer = wire.clock.timer('tcp', () => this.timeout());
  }

  get local(): SocketAddress {
    return socketAddress(this.ends.local);
  }

  get remote(): SocketAddress {
    return socketAddress(this.ends.remote);
  }

  /** Asks the peer for a connection. */
  open(): void {
    this.sendSyn();
  }

  /** Answers the peer's SYN. */
  accept(syn: Segment): void {
    this.state = 'SYN-RECEIVED';
    this.greet(syn);
    this.sendSyn();
  }

  write(bytes: Uint8Array | string): void {
    const given = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    checkBytes('socket.write', given);
    if (this.sender.finished || this.isClosed) return;
    this.sender.outgoing.add(Uint8Array.from(given));
    this.flush();
  }

  end(): void {
    if (this.sender.finished || this.isClosed) return;
    this.sender.finished = true;
    this.step('finished');
    this.flush();
  }

  abort(): void {
    if (this.isClosed) return;
    this.send(RST | ACK, this.sequenceOf(this.sender.position), NOTHING);
    this.close('reset');
  }

  /** The peer is not there any more, and is told nothing. */
  lose(): void {
    this.close('timeout');
  }

  receive(segment: Segment): void {
    if (this.isClosed) return;
    if (this.state === 'SYN-SENT') this.receiveAnswer(segment);
    else this.receiveNext(segment);
  }

  /** RFC 9293, 3.10.7.3. Both asking at once is none of the cases here: nobody knows the port that this end asks from. */
  private receiveAnswer(segment: Segment): void {
    const { flags, acknowledgment } = segment;
    const isOurs = (flags & ACK) !== 0 && acknowledgment === plus(this.initial, 1);
    if ((flags & ACK) !== 0 && !isOurs) this.wire.refuse(this.ends, segment);
    if (!isOurs) return;
    if ((flags & RST) !== 0) this.close('reset');
    else if ((flags & SYN) !== 0) {
      this.greet(segment);
      this.established();
      this.acknowledge();
      this.flush();
    }
  }

  private receiveNext(segment: Segment): void {
    const { flags, sequence } = segment;
    const fits = this.fits(segment);
    // RFC 5961, 3.2 and 4.2: what may be meant for an older connection is answered by where this one stands.
    if ((flags & RST) !== 0 && sequence === this.incoming.next) this.close('reset');
    else if ((flags & RST) !== 0) {
      if (fits) this.again();
    } else if (!fits || (flags & SYN) !== 0) this.again();
    else if ((flags & ACK) !== 0 && this.heard(segment)) {
      this.receiveData(segment);
      this.flush();
    }
  }

  /** RFC 9293, 3.10.7.4: some of it lies within what this end takes. */
  private fits({ sequence, payload, flags }: Segment): boolean {
    const length = payload.length + Number((flags & FIN) !== 0);
    const begin = ahead(sequence, this.incoming.next);
    const room = Math.max(this.room, length === 0 ? 1 : 0);
    return begin < room && begin + Math.max(0, length - 1) >= 0;
  }

  /** What the peer says that it has, and takes. False if it makes no sense, or it all ended there. */
  private heard({ acknowledgment, window, payload, flags }: Segment): boolean {
    if (this.state === 'SYN-RECEIVED') {
      if (acknowledgment !== plus(this.initial, 1)) return false;
      this.established();
    }
    const { acknowledged } = this.sender;
    const upTo = acknowledged + ahead(acknowledgment, this.sequenceOf(acknowledged));
    const bare = payload.length === 0 && (flags & FIN) === 0;
    const scaled = window * 2 ** this.shifts.theirs;
    if (!this.sender.acknowledge(upTo, scaled, bare, this.wire.clock.now)) {
      this.acknowledge();
      return false;
    }
    if (this.sender.isDone) this.step('acknowledged');
    return !this.isClosed;
  }

  private receiveData({ sequence, payload, flags }: Segment): void {
    if (this.heardAll) return;
    if ((flags & FIN) !== 0) this.fin = plus(sequence, payload.length);
    for (const bytes of this.incoming.take(sequence, payload)) this.tellData(bytes);
    if (this.isClosed) return;
    const isEnd = this.fin === this.incoming.next;
    if (isEnd) {
      this.incoming.next = plus(this.incoming.next, 1);
      this.heardAll = true;
      this.step('heardAll');
    }
    if (payload.length > 0 || (flags & FIN) !== 0) this.acknowledge();
    if (isEnd) this.tellEnd();
  }

  /** Takes what the peer's SYN says. Its window is not scaled yet. */
  private greet({ sequence, window, mss, shift }: Segment): void {
    this.incoming = new Incoming(plus(sequence, 1));
    this.shifts = shift === null ? { theirs: 0, ours: 0 } : { theirs: shift, ours: SHIFT };
    const longest = Math.max(1, Math.min(mss ?? DEFAULT_MSS, this.wire.mss));
    this.sender = this.sender.with(longest, window);
  }

  private established(): void {
    this.state = 'ESTABLISHED';
    this.timer.disarm();
    if (this.sender.finished) this.step('finished');
    this.onOpen?.();
  }

  private step(step: TcpStep): void {
    const next = stepped(this.state, step);
    if (next === 'CLOSED') this.close('closed');
    if (next === 'TIME-WAIT' && this.state !== next) this.timer.arm(LINGERS);
    this.state = next;
  }

  private close(why: TcpEnd): void {
    if (this.isClosed) return;
    this.state = 'CLOSED';
    this.wire.clock.remove(this.timer);
    this.wire.gone(this.ends);
    this.tellClose(why);
  }

  private timeout(): void {
    const { roundTrip } = this.sender;
    if (this.state === 'TIME-WAIT') this.close('closed');
    else if (roundTrip.lost >= TRIES) this.close('timeout');
    else if (this.isOpening) {
      roundTrip.backOff();
      this.sendSyn();
    } else {
      this.sender.timeout();
      this.flush();
    }
  }

  /** What the peer is to know of this end, once more. */
  private again(): void {
    if (this.isOpening) this.sendSyn();
    else this.acknowledge();
  }

  private flush(): void {
    if (this.isOpening || this.isClosed || this.state === 'TIME-WAIT') return;
    const { sender, wire } = this;
    for (let piece = sender.take(wire.clock.now); piece !== null; piece = sender.take(wire.clock.now))
      this.sendPiece(piece);
    const hasMoved = sender.hasMoved();
    if (!sender.isWaiting) this.timer.disarm();
    else if (hasMoved || !Number.isFinite(this.timer.due)) this.timer.arm(sender.roundTrip.timeout);
  }

  private sendPiece({ from, length, fin }: Piece): void {
    const bytes = new Uint8Array(length);
    this.sender.outgoing.copy(from, bytes);
    const isLast = length > 0 && from + length === this.sender.outgoing.end;
    this.send(ACK | (isLast ? PSH : 0) | (fin ? FIN : 0), this.sequenceOf(from), bytes);
  }

  private sendSyn(): void {
    const isAnswer = this.state === 'SYN-RECEIVED';
    this.wire.send(this.ends, {
      sequence: this.initial,
      acknowledgment: isAnswer ? this.incoming.next : 0,
      flags: SYN | (isAnswer ? ACK : 0),
      window: 0xffff,
      mss: this.wire.mss,
      shift: isAnswer && this.shifts.ours === 0 ? null : SHIFT,
      payload: NOTHING,
    });
    this.timer.arm(this.sender.roundTrip.timeout);
  }

  private acknowledge(): void {
    this.send(ACK, this.sequenceOf(this.sender.position), NOTHING);
  }

  private send(flags: number, sequence: Sequence, payload: Uint8Array): void {
    const { next } = this.incoming;
    const window = Math.min(this.room >> this.shifts.ours, 0xffff);
    const segment = { sequence, acknowledgment: next, flags, window, mss: null, shift: null, payload };
    this.wire.send(this.ends, segment);
  }

  /** What waited is taken: the window is open again, and the peer may wait to be told. */
  protected override read(): void {
    if (!this.isOpening && !this.isClosed) this.acknowledge();
    super.read();
  }

  /** Bytes that this end takes now. */
  private get room(): number {
    return Math.max(0, WINDOW - this.unread);
  }

  /** Of a byte counted from the first behind the SYN. */
  private sequenceOf(offset: number): Sequence {
    return plus(this.initial, 1 + (offset % 2 ** 32));
  }

  private get isOpening(): boolean {
    return this.state === 'SYN-SENT' || this.state === 'SYN-RECEIVED';
  }

  private get isClosed(): boolean {
    return this.state === 'CLOSED';
  }
}
