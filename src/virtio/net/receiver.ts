import type { Budget } from '../../core/budget.ts';
import { Segments } from '../../core/segments.ts';
import { type Coalesced, type CoalescedSink, Segmenter } from '../../net/offload/index.ts';
import type { Chain, Virtqueue } from '../queue/virtqueue.ts';
import { Backlog, Lent, type Packet, plain } from './backlog.ts';
import type { NetEvents } from './events.ts';
import type { NetFeatures } from './features/index.ts';
import type { NetMode } from './mode.ts';
import type { OddHeaders } from './odd-headers.ts';
import { describeHash, describeJoined } from './receive-header.ts';
import { NET_HDR_SIZE, virtio_net_hdr } from './registers.ts';

const at = virtio_net_hdr.offset;
/** Maximum number of buffer segments for one packet. */
const MOST_PIECES = 0x1_0000;
const NOTHING = new Uint8Array(0);
/** The receive queue of the first pair. */
const FIRST = 0;

/** The card that receives. */
interface ReceivingCard {
  readonly pairs: number;
  readonly features: NetFeatures;
  readonly odd: OddHeaders;
  readonly budget: Budget;
  readonly queues: readonly Virtqueue[];
  /** Frames wait for an unavailable queue, since the driver cannot reset queues one by one. */
  readonly canWait: boolean;
}

/**
 * Puts frames into receive buffers (virtio 1.4, Processing of Incoming Packets), coalesced if the guest accepts that.
 *
 * A frame that is not changed, with one buffer that has room for it, goes a short way. Whether it is available follows from
 * negotiation and commands, and is decided when these change; for each frame it is checked that the budget is not used up,
 * no frame waits before it, and a buffer is available. The general way would have the same result.
 */
export class Receiver implements CoalescedSink {
  /** Frames without room. */
  dropped = 0;
  mode: NetMode;
  events: NetEvents | null = null;
  /** Frames may wait, for buffers or to be joined. */
  waits = false;
  private readonly card: ReceivingCard;
  /** Packets that wait for buffers, per pair, so that one pair without buffers does not delay the others. */
  private readonly backlogs: readonly Backlog[];
  /** A packet is being placed: frames that come meanwhile wait. */
  private placing = false;
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
  /** The queue for frames that go the short way; null if they need more than placing. */
  private short: Virtqueue | null = null;
  /** virtio_net_hdr of an unchanged frame, in the guest's byte order. */
  private readonly header = new Int32Array(NET_HDR_SIZE.outer / 4);

  constructor(card: ReceivingCard, mode: NetMode) {
    this.card = card;
    this.mode = mode;
    this.backlogs = Array.from({ length: card.pairs }, () => new Backlog(card.pairs));
    this.placed = new Array<boolean>(card.pairs).fill(false);
  }

  /** Frame processing may have changed: by negotiation, or by a command. */
  decide(): void {
    const { card, mode } = this;
    const { offloads, steering } = card.features;
    const plain = !mode.hash && !card.odd.asked && (offloads?.isOff ?? true) && (steering?.isSingle ?? true);
    this.short = plain ? card.queues[FIRST]! : null;
    new Uint8Array(this.header.buffer).set(mode.little ? [1, 0] : [0, 1], at.num_buffers);
  }

  /** Takes a single frame, if frames may go into buffers at once; false, with nothing done, if it needs the general way. */
  takeAlone(frame: Uint8Array): boolean {
    const { short } = this;
    const { budget, features } = this.card;
    const { headerSize } = this.mode;
    if (short === null || budget.left <= 0 || this.placing || this.backlogs[FIRST]!.first !== undefined)
      return false;
    if (!short.deliver(this.header, headerSize, frame)) return false;
    const { coalescing } = features;
    budget.spendOn(1, headerSize + frame.length);
    coalescing?.passed(FIRST);
    features.statistics?.of(FIRST).receivedPlain(frame.length);
    short.flush();
    coalescing?.published(FIRST);
    return true;
  }

  /** Takes a frame from the wire, `now` into a buffer if there is one; `place` must follow. */
  take(frame: Uint8Array, now: boolean): void {
    this.waits = true;
    if (this.placing) {
      this.wait(plain(frame));
      return;
    }
    this.open = now;
    if (this.card.features.offloads?.take(frame) !== true) this.wait(this.lent.of(frame));
    this.open = false;
  }

  /** Chooses a pair again for all waiting packets. */
  settle(): void {
    for (const packet of this.takeAll()) this.wait(packet);
  }

  /** Takes a packet that may be joined of several frames. */
  deliver(packet: Coalesced): void {
    this.waits = true;
    const lent = this.lent.of(packet.frame);
    describeJoined(lent.header, packet, this.mode);
    lent.say(packet);
    this.wait(lent);
  }

  /** Whether packets wait for the budget, not only for buffers. */
  get isBehind(): boolean {
    return this.card.budget.left <= 0 && this.backlogs.some(({ first }) => first !== undefined);
  }

  /** Places waiting packets while there are buffers, and publishes them. */
  place(): void {
    // Called from within `put`: the outer call goes on and checks again.
    if (this.placing) return;
    const { backlogs, card } = this;
    const { budget } = card;
    const { offloads } = card.features;
    this.open = true;
    offloads?.release();
    this.open = false;
    const { length } = backlogs;
    for (let i = 0; i < length && budget.left > 0; i++) {
      this.placeOf(this.turn);
      if (budget.left > 0) this.turn = (this.turn + 1) % length;
    }
    this.waits = offloads?.holds === true;
    for (let pair = 0; pair < length; pair++) {
      if (this.placed[pair]) this.publish(pair);
      if (backlogs[pair]!.first !== undefined) this.waits = true;
    }
  }

  reset(): void {
    this.card.features.offloads?.handOnAll();
    this.takeAll();
  }

  /** Restores waiting packets to the frames as they came from the wire. */
  undo(): void {
    const send = (frame: Uint8Array) => this.wait(plain(frame));
    const segmenter = new Segmenter();
    for (const { frame, cut, gsoSize, within, pieces } of this.takeAll()) {
      if (pieces !== null) pieces.forEach(send);
      else if (cut === null) send(frame);
      else segmenter.segment(frame, cut, gsoSize, { send }, within);
    }
  }

  private takeAll(): Packet[] {
    return this.backlogs.flatMap((backlog) => backlog.takeAll());
  }

  private placeOf(pair: number): void {
    const backlog = this.backlogs[pair]!;
    const { budget } = this.card;
    for (let { first } = backlog; first !== undefined && budget.left > 0; { first } = backlog) {
      if (!this.put(first, pair)) return;
      // The card may have been reset by code called meanwhile.
      if (backlog.first === first) backlog.drop();
    }
  }

  private publish(pair: number): void {
    const queue = this.card.queues[2 * pair]!;
    this.placed[pair] = false;
    queue.flush();
    this.card.features.coalescing?.published(queue.index);
  }

  private wait(packet: Packet): void {
    const { odd, features } = this.card;
    const { steering } = features;
    const pair = steering === null ? this.onlyPair : steering.pairFor(packet.frame);
    if (this.mode.hash) describeHash(packet.header, steering?.reporter ?? null);
    odd.fill(packet, this.mode.little);
    if (pair < 0) this.dropped++;
    else if (!this.putNow(packet, pair) && !this.backlogs[pair]!.add(packet)) this.drop(2 * pair, true);
  }

  /** The first pair, or none while its queue is reset. */
  private get onlyPair(): number {
    return this.card.canWait || this.card.queues[FIRST]!.ready ? 0 : -1;
  }

  /** False if it must wait. */
  private putNow(packet: Packet, pair: number): boolean {
    if (!this.open || this.card.budget.left <= 0 || this.backlogs[pair]!.first !== undefined) return false;
    this.open = false;
    const placed = this.put(packet, pair);
    this.open = true;
    return placed;
  }

  private drop(queue: number, overrun: boolean): void {
    this.dropped++;
    this.card.features.statistics?.of(queue).dropped(overrun);
  }

  private put(packet: Packet, pair: number): boolean {
    this.placing = true;
    this.placed[pair] = true;
    const placed = this.putInto(this.card.queues[2 * pair]!, packet);
    this.placing = false;
    return placed;
  }

  /** False if the packet must wait; a packet too long for the buffers is dropped and counts as placed. */
  private putInto(queue: Virtqueue, packet: Packet): boolean {
    const { headerSize, mergeable } = this.mode;
    const { budget, features } = this.card;
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
      budget.spendOn(chain.count, bytes);
      room += chain.writableBytes;
      pieces += chain.count;
      count++;
    }
    if (room < total) {
      queue.rewind(count);
      this.drop(queue.index, false);
      return true;
    }
    if (count > 1) this.countBuffers(packet, count);
    queue.pushTogether(this.heads, this.written, count);
    features.coalescing?.passed(queue.index);
    features.statistics?.of(queue.index).received(packet);
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
