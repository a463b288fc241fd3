import type { GuestMemory } from '../core/memory.ts';
import { FrameLayout, findHeaders } from '../net/frame/layout.ts';
import { type Coalesced, type CoalescedSink, Coalescer, NO_JOINS, sumsOf } from '../net/offload/index.ts';
import type { Arrival, Card, ReceiveQueue } from './card.ts';
import type { FlowRules } from './flow-rules.ts';
import type { QueueSet } from './queue-set.ts';
import type { Statistics } from './statistics.ts';
import type { Steering } from './steering.ts';

/** Packets that wait for one that is not visible. */
const WAITING_MOST = 4096;

/** The card that receives. */
interface Receiving extends Card {
  readonly memory: GuestMemory;
  readonly queues: QueueSet;
  readonly steering: Steering;
  readonly flowRules: FlowRules;
  readonly statistics: Statistics;
  resume(): void;
}

/** Takes frames from the wire, joins those of a flow if the queues want that, and puts each into the queue that it is for. */
export class Receiver implements CoalescedSink {
  /** Frames that no queue took. */
  dropped = 0;
  private readonly card: Receiving;
  private readonly coalescer = new Coalescer(this);
  private readonly packet: Arrival = {
    frame: new Uint8Array(0),
    at: new FrameLayout(),
    copy: new Uint8Array(0),
    copyAt: 0,
    sums: 'none',
    hash: 0,
    segmentSize: 0,
  };
  /** The queue of a packet whose bytes are not yet visible to CPUs, and packets that came meanwhile. */
  private unpublished: ReceiveQueue | null = null;
  private readonly waiting: { readonly frame: Uint8Array; readonly segmentSize: number }[] = [];

  constructor(card: Receiving) {
    this.card = card;
    this.coalescer.joins = { ...NO_JOINS, tcp4: true, tcp6: true };
  }

  arrive(frame: Uint8Array): void {
    if (this.comesIn(frame)) this.take(frame, 0);
  }

  arriveAll(frames: readonly Uint8Array[]): void {
    const { joins } = this.card.queues;
    for (const frame of frames) {
      if (!this.comesIn(frame)) continue;
      if (joins) this.coalescer.add(frame);
      else this.take(frame, 0);
    }
    this.coalescer.flush();
  }

  deliver({ frame, gsoSize, segments }: Coalesced): void {
    this.take(frame, segments > 1 ? gsoSize : 0);
  }

  /** The last packet is visible: it is published, and those that came meanwhile are taken. */
  resume(): void {
    const { unpublished, waiting } = this;
    this.unpublished = null;
    if (unpublished !== null) this.publishLate(unpublished);
    while (waiting.length > 0 && this.unpublished === null) {
      const { frame, segmentSize } = waiting.shift()!;
      this.take(frame, segmentSize);
    }
  }

  reset(): void {
    this.unpublished = null;
    this.waiting.length = 0;
  }

  private comesIn(frame: Uint8Array): boolean {
    const { wire } = this.card.sender;
    if (!wire.up) return false;
    wire.onFrame?.(frame, false);
    return true;
  }

  /** @param segmentSize of what was joined, whose checksums are right. */
  private take(frame: Uint8Array, segmentSize: number): void {
    if (this.unpublished !== null) {
      this.wait(frame, segmentSize);
      return;
    }
    const { packet } = this;
    const { queues, gate, statistics, steering, flowRules } = this.card;
    const { receiving } = queues;
    if (receiving === 0 || !gate.open) {
      this.dropped++;
      return;
    }
    packet.frame = packet.copy = frame;
    packet.copyAt = 0;
    packet.segmentSize = segmentSize;
    findHeaders(frame, packet.at);
    const hashed = steering.queueOf(packet, queues.receive, receiving);
    const ruled = flowRules.queueOf(packet);
    const id = ruled < 0 ? hashed : ruled;
    const queue = queues.receive[id] ?? null;
    if (queue === null) {
      this.dropped++;
      return;
    }
    const { counts } = statistics;
    const isPut = queue.put(packet);
    packet.sums = segmentSize > 0 ? 'good' : sumsOf(frame, packet.at, packet.copy, packet.copyAt);
    if (packet.sums === 'bad') counts[id]!.badChecksums++;
    if (isPut) {
      this.publish(queue);
      return;
    }
    this.dropped++;
    counts[id]!.noBuffers++;
    this.card.events?.starved(id);
  }

  private wait(frame: Uint8Array, segmentSize: number): void {
    if (this.waiting.length < WAITING_MOST) this.waiting.push({ frame: frame.slice(), segmentSize });
    else this.dropped++;
  }

  /** The driver may have taken the queue away meanwhile, and its memory. */
  private publishLate(queue: ReceiveQueue): void {
    const { queues, gate } = this.card;
    if (gate.open && queues.receive[queue.place.id] === queue) queue.publish(this.packet);
    else this.dropped++;
  }

  /** Its bytes may have to become visible first; its frame is then kept. */
  private publish(queue: ReceiveQueue): void {
    const { card, packet } = this;
    if (card.memory.delay?.holds(card) !== true) {
      queue.publish(packet);
      return;
    }
    packet.frame = packet.frame.slice();
    this.unpublished = queue;
  }
}
