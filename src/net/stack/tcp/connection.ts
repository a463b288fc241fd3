import type { Nanos } from '../../../core/bits.ts';
import { checkBytes } from '../../../core/checks.ts';
import type { Timer } from '../../../core/clock.ts';
import { TCP_FLAGS } from '../../frame/headers.ts';
import type { Address, Ipv4 } from '../address.ts';
import type { Ends, Segment, TcpWire } from './segment.ts';
import { SendingHalf } from './sending-half.ts';
import { ahead, plus, type Sequence } from './sequence.ts';
import type { ServerSocket, TcpEnd } from './socket.ts';
import { stepped, type TcpState, type TcpStep } from './states.ts';

const { ACK, RST, SYN, FIN } = TCP_FLAGS.mask;
const NOTHING = new Uint8Array(0);

/** Retransmissions: RFC 1122, 4.2.3.5, has R2 at 100 seconds at least. */
const TRIES = 15;
/** Retransmissions of the SYN-ACK, as in Linux. */
const TRIES_ASKED = 5;
/** TIME-WAIT, twice the maximum segment lifetime: nothing lingers on this wire. */
const LINGERS: Nanos = 1_000_000_000;

/** One end of a TCP connection (RFC 9293). Processing takes no virtual time. */
export class TcpConnection<A extends Address = Ipv4> extends SendingHalf<A> implements ServerSocket {
  state: TcpState = 'SYN-SENT';
  /** When the last segment of the peer arrived. */
  heardAt: Nanos;
  /** The handler that gets the connection once it is established. */
  private take: ((socket: ServerSocket) => void) | null = null;
  private owesDrain = false;
  private readonly timer: Timer;

  /** @param initial the first sequence number. */
  constructor(wire: TcpWire<A>, ends: Ends<A>, initial: Sequence) {
    super(wire, ends, initial);
    this.heardAt = wire.clock.now;
    this.timer = wire.clock.timer('tcp', () => this.timeout());
  }

  /** Sends a SYN to the peer. */
  open(): void {
    this.sendSyn();
  }

  /** Answers the peer's SYN. A handler gets the connection when the peer has acknowledged that. */
  accept(syn: Segment, take: (socket: ServerSocket) => void): void {
    this.take = take;
    this.state = 'SYN-RECEIVED';
    this.greet(syn);
    this.sendSyn();
  }

  write(bytes: Uint8Array | string): boolean {
    const given = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    checkBytes('socket.write', given);
    if (this.sender.finished || this.isClosed) return true;
    this.sender.outgoing.add(new Uint8Array(given));
    this.flush();
    this.settle();
    this.owesDrain ||= this.account.isFull;
    return !this.account.isFull;
  }

  send(own: Uint8Array, lent: Uint8Array): void {
    if (this.sender.finished || this.isClosed) return;
    this.sender.outgoing.add(own);
    this.sender.outgoing.addLent(lent);
    this.flush();
    this.settle();
  }

  override keeps(count: number): void {
    super.keeps(count);
    this.settle();
  }

  override roomCame(): void {
    this.tellWaiting();
    if (!this.isOpen) return;
    if (this.hasOpened) this.acknowledge();
    else this.remind();
  }

  end(): void {
    if (this.sender.finished || this.isClosed) return;
    this.sender.finished = true;
    this.step('finished');
    this.flush();
  }

  override abort(): void {
    if (this.isClosed) return;
    this.say(RST | ACK, this.sequenceOf(this.sender.position), NOTHING);
    this.close('reset');
  }

  /** The peer is gone, and gets no segment. */
  lose(): void {
    this.close('timeout');
  }

  receive(segment: Segment): void {
    if (this.isClosed) return;
    this.heardAt = this.wire.clock.now;
    try {
      if (this.state === 'SYN-SENT') this.receiveAnswer(segment);
      else this.receiveNext(segment);
      this.tellWaiting();
      this.tellDrain();
    } finally {
      this.settle();
    }
  }

  /** RFC 9293, 3.10.7.3. Simultaneous open cannot happen: the peer does not know this end's port. */
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
    const { flags, sequence, payload } = segment;
    if ((flags & RST) === 0 && !this.isInTime(segment)) return;
    const length = payload.length + Number((flags & FIN) !== 0);
    const fits = this.incoming.fits(sequence, length, this.hoped);
    // RFC 5961, 3.2 and 4.2: segments that may belong to an older connection get a challenge ACK.
    if ((flags & RST) !== 0 && sequence === this.incoming.next) this.close('reset');
    else if ((flags & RST) !== 0) {
      if (fits) this.again();
    } else if (!fits || (flags & SYN) !== 0) this.again();
    else if ((flags & ACK) !== 0 && this.heard(segment)) {
      this.receiveData(segment);
      this.flush();
    }
  }

  /** RFC 7323, 5.3: an old segment is acknowledged, and one without a timestamp is dropped. */
  private isInTime({ timestamps, sequence }: Segment): boolean {
    const { now } = this.wire.clock;
    const seen = this.terms.time?.take(timestamps, ahead(sequence, this.told) <= 0, now) ?? 'fine';
    if (seen === 'old') this.again();
    return seen === 'fine';
  }

  /** Processes acknowledgment and window. False if they are invalid, or the connection is over. */
  private heard({ acknowledgment, window, payload, flags, timestamps, blocks = [] }: Segment): boolean {
    if (this.state === 'SYN-RECEIVED') {
      if (acknowledgment !== plus(this.initial, 1)) return false;
      this.established();
    }
    const { acknowledged } = this.sender;
    const offsetOf = (of: Sequence) => acknowledged + ahead(of, this.sequenceOf(acknowledged));
    const upTo = offsetOf(acknowledgment);
    for (const [from, to] of blocks) this.sender.has(offsetOf(from), offsetOf(to));
    const { now } = this.wire.clock;
    const { time } = this.terms;
    if (time !== null && timestamps && upTo > acknowledged)
      this.sender.roundTrip.sample(time.since(timestamps, now));
    const bare = payload.length === 0 && (flags & FIN) === 0;
    const scaled = window * 2 ** this.terms.shifts.theirs;
    if (!this.sender.acknowledge(upTo, scaled, bare, now)) {
      this.acknowledge();
      return false;
    }
    if (this.sender.isDone) this.step('acknowledged');
    return !this.isClosed;
  }

  private receiveData(segment: Segment): void {
    const { incoming } = this;
    if (incoming.ended) return;
    const { sequence, payload, flags } = this.fitting(segment);
    const isNext = incoming.isWhole && sequence === incoming.next;
    if ((flags & FIN) !== 0) incoming.fin = plus(sequence, payload.length);
    for (const bytes of incoming.take(sequence, payload)) this.tellData(bytes);
    if (this.isClosed) return;
    const isEnd = incoming.takeFin();
    if (isEnd) this.step('heardAll');
    const isUsual = isNext && (flags & FIN) === 0 && payload.length === segment.payload.length;
    const isSome = segment.payload.length > 0 || (segment.flags & FIN) !== 0;
    if (isUsual ? this.isDue(payload) : isSome) this.acknowledge();
    if (isEnd) this.tellEnd();
  }

  /** Whether bytes in order must be acknowledged at once: not if they already were, or if the acknowledgment is delayed. */
  private isDue({ length }: Uint8Array): boolean {
    return this.told !== this.incoming.next && this.delayed.owe(length, this.wire.mss);
  }

  private established(): void {
    this.state = 'ESTABLISHED';
    this.timer.disarm();
    this.wire.opened(this.ends);
    if (this.sender.finished) this.step('finished');
    const { take } = this;
    if (take === null) this.onOpen?.();
    else
      this.inTurn(() => {
        take(this);
        this.onOpen?.();
      });
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
    this.delayed.close();
    this.wire.gone(this.ends);
    this.account.close();
    // A user that keeps the socket must not keep unsent data.
    this.sender.outgoing.clear();
    this.incoming.forget();
    this.tellClose(why);
  }

  private timeout(): void {
    const { roundTrip } = this.sender;
    if (this.state === 'TIME-WAIT') this.close('closed');
    else if (roundTrip.lost >= (this.state === 'SYN-RECEIVED' ? TRIES_ASKED : TRIES)) this.close('timeout');
    else if (this.isOpening) {
      roundTrip.backOff();
      this.sendSyn();
    } else {
      this.sender.timeout();
      this.flush();
    }
  }

  /** Repeats this end's state to the peer. */
  private again(): void {
    if (this.isOpening) this.sendSyn();
    else this.acknowledge();
  }

  private flush(): void {
    if (this.isOpening || this.isClosed || this.state === 'TIME-WAIT') return;
    const { sender, wire } = this;
    for (let piece = sender.take(wire.clock.now); piece !== null; piece = sender.take(wire.clock.now))
      this.sayPiece(piece);
    const hasMoved = sender.hasMoved();
    if (!sender.isWaiting) this.timer.disarm();
    else if (hasMoved || !Number.isFinite(this.timer.due)) this.timer.arm(sender.roundTrip.timeout);
  }

  private sendSyn(): void {
    this.saySyn(this.state === 'SYN-RECEIVED');
    this.timer.arm(this.sender.roundTrip.timeout);
  }

  /** Waiting data was read: the window opens again, and the peer may need an update. */
  protected override read(): void {
    this.settle();
    if (this.isOpen && this.hasOpened) this.acknowledge();
    super.read();
  }

  protected override mayTell(): boolean {
    this.settle();
    return this.isClosed || (!this.isOpening && this.account.mayAnswer());
  }

  private tellDrain(): void {
    if (!this.owesDrain || this.isClosed) return;
    this.settle();
    if (!this.account.isDrained) return;
    this.owesDrain = false;
    this.onDrain?.();
  }

  private get isOpen(): boolean {
    return !this.isOpening && !this.isClosed;
  }

  private get isOpening(): boolean {
    return this.state === 'SYN-SENT' || this.state === 'SYN-RECEIVED';
  }

  private get isClosed(): boolean {
    return this.state === 'CLOSED';
  }
}
