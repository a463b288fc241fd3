import { Segments } from '../../core/segments.ts';
import { type Coalesced, type CoalescedSink, type Joins, Segmenter } from '../../net/offload/index.ts';
import type { Budget } from '../budget/budget.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import { Lent, type Packet, plain } from './backlog.ts';
import type { NetEvents } from './events.ts';
import { Joining } from './features/offloads.ts';
import { countReceived, RX_COUNT } from './features/statistics.ts';
import type { NetMode } from './mode.ts';
import type { OddHeaders } from './odd-headers.ts';
import { describeHash, describeJoined } from './receive-header.ts';
import type { ReceivingCard } from './receiving-card.ts';
import { virtio_net_hdr } from './registers.ts';
import { ShortWay } from './short-way.ts';

const at = virtio_net_hdr.offset;
/** Maximum number of buffer segments for one packet. */
const MOST_PIECES = 0x1_0000;
const NOTHING = new Uint8Array(0);

/** Puts frames into receive buffers (virtio 1.4, Processing of Incoming Packets), coalesced if the guest accepts that. */
export class Receiver extends ShortWay implements CoalescedSink {
  /** Frames without room. */
  dropped = 0;
  mode: NetMode;
  events: NetEvents | null = null;
  private readonly odd: OddHeaders;
  private readonly joining: Joining;
  private readonly segmenter = new Segmenter();
  /** The pair to serve first. */
  private turn = 0;
  private readonly readable = new Segments();
  /** The first buffer of a packet that may continue in others. */
  private readonly first = new Segments();
  /** The received frame and its description, until it is in its buffer or waits for one. */
  private readonly lent = new Lent();
  /** Frames go into buffers at once, if there are any. */
  private open = false;
  /** Pairs whose queue has used buffers to publish. */
  private readonly placed: boolean[];
  private readonly heads: number[] = [];
  private readonly written: number[] = [];

  constructor(card: ReceivingCard, mode: NetMode, budget: Budget, odd: OddHeaders) {
    super(card, budget);
    this.odd = odd;
    this.joining = new Joining(card, this);
    this.mode = mode;
    this.placed = new Array<boolean>(card.pairs).fill(false);
  }

  /** Frame processing may have changed: by negotiation, or by a command. */
  decide(): void {
    const { joining, mode, odd } = this;
    this.openWay(joining.isOff && !mode.hash && !odd.asked && this.card.steering.isSingle, mode);
  }

  /** Takes a frame from the wire, `now` into a buffer if there is one; `place` must follow. */
  take(frame: Uint8Array, now: boolean): void {
    if (this.placing) {
      this.wait(plain(frame));
      return;
    }
    this.open = now;
    if (!this.joining.take(frame)) this.wait(this.lent.of(frame));
    this.open = false;
  }

  /**
   * Sets what is joined from now on, with partial checksums; null without GUEST_CSUM. If the guest accepts less than before,
   * waiting joined frames are cut again, each segment with its own checksum, and none is marked valid.
   */
  set joins(joins: Joins | null) {
    if (this.joining.change(joins)) this.undo();
  }

  /** Chooses a pair again for all waiting packets. */
  settle(): void {
    for (const packet of this.takeAll()) this.wait(packet);
  }

  /** @internal Takes a packet from coalescing. */
  deliver(packet: Coalesced): void {
    const lent = this.lent.of(packet.frame);
    describeJoined(lent.header, packet, this.mode);
    lent.say(packet);
    this.wait(lent);
  }

  /** Whether packets wait for the budget, not only for buffers. */
  get isBehind(): boolean {
    return this.budget.left <= 0 && this.backlogs.some(({ first }) => first !== undefined);
  }

  /** Places waiting packets while there are buffers, and publishes them. */
  place(): void {
    // Called from within `put`: the outer call goes on and checks again.
    if (this.placing) return;
    this.open = true;
    this.joining.release();
    this.open = false;
    const { length } = this.backlogs;
    for (let i = 0; i < length && this.budget.left > 0; i++) {
      this.placeOf(this.turn);
      if (this.budget.left > 0) this.turn = (this.turn + 1) % length;
    }
    for (let pair = 0; pair < length; pair++) if (this.placed[pair]) this.publish(pair);
  }

  /** Segments that were held to be joined have waited long enough, and now wait for buffers. */
  flush(): void {
    this.joining.flush();
  }

  reset(): void {
    this.joining.handOnAll();
    this.takeAll();
  }

  private takeAll(): Packet[] {
    return this.backlogs.flatMap((backlog) => backlog.takeAll());
  }

  /** Restores waiting packets to the frames as they came from the wire. */
  private undo(): void {
    const send = (frame: Uint8Array) => this.wait(plain(frame));
    for (const { frame, cut, gsoSize, within, pieces } of this.takeAll()) {
      if (pieces !== null) pieces.forEach(send);
      else if (cut === null) send(frame);
      else this.segmenter.segment(frame, cut, gsoSize, { send }, within);
    }
  }

  private placeOf(pair: number): void {
    const backlog = this.backlogs[pair]!;
    for (let { first } = backlog; first !== undefined && this.budget.left > 0; { first } = backlog) {
      if (!this.put(first, pair)) return;
      // The card may have been reset by code called meanwhile.
      if (backlog.first === first) backlog.drop();
    }
  }

  private publish(pair: number): void {
    const queue = this.card.receiveQueue(pair);
    this.placed[pair] = false;
    queue.flush();
    this.card.moderation.published(queue.index);
  }

  private wait(packet: Packet): void {
    const { steering } = this.card;
    const pair = steering.pairFor(packet.frame);
    if (this.mode.hash) describeHash(packet.header, steering.reporter);
    this.odd.fill(packet, this.mode.little);
    if (pair < 0) this.dropped++;
    else if (!this.putNow(packet, pair) && !this.backlogs[pair]!.add(packet)) this.drop(2 * pair, 1);
  }

  /** False if it must wait. */
  private putNow(packet: Packet, pair: number): boolean {
    if (!this.open || this.budget.left <= 0 || this.backlogs[pair]!.first !== undefined) return false;
    this.open = false;
    const placed = this.put(packet, pair);
    this.open = true;
    return placed;
  }

  private drop(queue: number, overruns: number): void {
    const { basic } = this.card.counts[queue]!;
    this.dropped++;
    basic[RX_COUNT.DROPS]!++;
    basic[RX_COUNT.DROP_OVERRUNS]! += overruns;
  }

  private put(packet: Packet, pair: number): boolean {
    this.placing = true;
    this.placed[pair] = true;
    const placed = this.putInto(this.card.receiveQueue(pair), packet);
    this.placing = false;
    return placed;
  }

  /** False if the packet must wait; a packet too long for the buffers is dropped and counts as placed. */
  private putInto(queue: Virtqueue, packet: Packet): boolean {
    const { headerSize, mergeable } = this.mode;
    // With VERSION_1 the field exists even if buffers do not merge: it is then 1.
    this.count(packet.header, 1);
    const total = headerSize + packet.frame.length;
    let room = 0;
    let count = 0;
    let pieces = 0;
    while (room < total && (count === 0 || mergeable) && pieces < MOST_PIECES) {
      if (count === 1) queue.chain.resolve(this.readable, this.first);
      if (!queue.pop()) {
        queue.rewind(count);
        return false;
      }
      const { chain } = queue;
      this.events?.buffer(queue.index, chain);
      const bytes = fill(chain, packet, room, headerSize);
      this.heads[count] = chain.id;
      this.written[count] = bytes;
      this.budget.spendOn(chain.count, bytes);
      room += chain.writableBytes;
      pieces += chain.count;
      count++;
    }
    if (room < total) {
      queue.rewind(count);
      this.drop(queue.index, 0);
      return true;
    }
    if (count > 1) this.countBuffers(packet, count);
    queue.pushTogether(this.heads, this.written, count);
    this.card.moderation.passed(queue.index);
    countReceived(this.card.counts[queue.index]!, packet);
    return true;
  }

  /** num_buffers is known only now: the header in the first buffer is written again. */
  private countBuffers(packet: Packet, count: number): void {
    this.count(packet.header, count);
    this.first.scatter(packet.header.subarray(0, this.mode.headerSize));
  }

  private count(header: Uint8Array, buffers: number): void {
    const low = at.num_buffers + (this.mode.little ? 0 : 1);
    header[low] = buffers & 0xff;
    header[low ^ 1] = buffers >> 8;
  }
}

/** Writes the part of header and frame from `skip` bytes on; returns how many bytes fitted. */
function fill(chain: Chain, { header, frame }: Packet, skip: number, headerSize: number): number {
  if (skip === 0) {
    const done = chain.write(header, 0, headerSize);
    return done + chain.write(frame, done, frame.length);
  }
  const rest = skip < headerSize ? header.subarray(skip, headerSize) : NOTHING;
  const tail = skip > headerSize ? frame.subarray(skip - headerSize) : frame;
  const done = chain.write(rest, 0, rest.length);
  return done + chain.write(tail, done, tail.length);
}
