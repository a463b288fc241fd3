import type { Nanos } from '../../../core/bits.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Timer } from '../../../core/clock.ts';
import { virtio_net_ctrl_coal, virtio_net_ctrl_coal_vq } from '../registers/commands.ts';
import { NET_FEATURE as F } from '../registers.ts';
import { type NetCard, type NetFeature, type Served, served } from './feature.ts';

const NEVER: Nanos = Number.POSITIVE_INFINITY;
const MICROSECOND: Nanos = 1000;
const at = virtio_net_ctrl_coal.offset;
const { size: BEHIND_INDEX } = virtio_net_ctrl_coal_vq;

/** Parameters of a queue. */
interface Parameters {
  readonly max_packets: number;
  readonly max_usecs: number;
}

const AT_ONCE: Parameters = { max_packets: 0, max_usecs: 0 };

/**
 * Delays interrupts until so many packets passed, or so much time since the first of them (virtio 1.4, Notifications
 * Coalescing). Without a time none is delayed, whatever the number of packets: none would come after the last.
 */
export class Coalescing implements NetFeature {
  static readonly bits = [F.NOTF_COAL, F.VQ_NOTF_COAL];
  readonly commands: readonly Served[] = [
    served('NOTF_COAL_TX_SET', (data) => this.setAll('transmit', read(data, 0))),
    served('NOTF_COAL_RX_SET', (data) => this.setAll('receive', read(data, 0))),
    served('NOTF_COAL_VQ_SET', (data) => {
      const queue = data.u16(0);
      if (!this.isFor(queue)) return false;
      this.set(queue, read(data, BEHIND_INDEX));
      return true;
    }),
    served('NOTF_COAL_VQ_GET', (data) => {
      const queue = data.u16(0);
      return this.isFor(queue) && virtio_net_ctrl_coal.in(this.card.endian).encode(this.of(queue));
    }),
  ];
  private readonly card: NetCard;
  private readonly asked: Parameters[];
  /** The parameters for queues of a kind when they are set up again. */
  private readonly usual = { receive: AT_ONCE, transmit: AT_ONCE };
  private readonly packets: number[];
  private readonly due: Nanos[];
  /** Queues with a delayed interrupt. */
  private waiting = 0;
  private timer: Timer | null = null;

  constructor(card: NetCard) {
    this.card = card;
    const { length } = card.queues;
    this.asked = new Array<Parameters>(length).fill(AT_ONCE);
    this.packets = new Array<number>(length).fill(0);
    this.due = new Array<Nanos>(length).fill(NEVER);
  }

  of(queue: number): Parameters {
    return this.asked[queue]!;
  }

  /** An interrupt that is delayed by the old parameters is sent now, so that it is not delayed further. */
  set(queue: number, parameters: Parameters): void {
    this.asked[queue] = parameters;
    if (this.due[queue] !== NEVER) this.send(queue);
  }

  /** Packets passed by a queue. */
  passed(queue: number, count = 1): void {
    this.packets[queue]! += count;
  }

  /** The queue wants to interrupt. */
  wanted(queue: number): void {
    const { max_usecs } = this.asked[queue]!;
    if (max_usecs === 0 || this.isFull(queue)) this.send(queue);
    else if (this.due[queue] === NEVER) this.wake(queue, this.card.clock.now + max_usecs * MICROSECOND);
  }

  /** The queue published these packets: an interrupt may be due by their number. */
  published(queue: number): void {
    if (this.waiting > 0 && this.due[queue] !== NEVER && this.isFull(queue)) this.send(queue);
  }

  /** Sends all delayed interrupts now. */
  flush(): void {
    for (let queue = 0; queue < this.due.length; queue++) if (this.due[queue] !== NEVER) this.send(queue);
  }

  /** A queue that is set up again gets the parameters set for all queues of its kind. */
  queueForgotten(queue: number): void {
    this.forget(queue, this.usual[(queue & 1) === 1 ? 'transmit' : 'receive']);
  }

  reset(): void {
    this.usual.receive = this.usual.transmit = AT_ONCE;
    for (let queue = 0; queue < this.asked.length; queue++) this.forget(queue, AT_ONCE);
  }

  /** Takes the timer off the clock. */
  close(): void {
    if (this.timer !== null) this.card.clock.remove(this.timer);
  }

  private setAll(kind: 'receive' | 'transmit', parameters: Parameters): true {
    this.usual[kind] = parameters;
    for (let queue = 0; queue < this.card.numQueues; queue++)
      if (this.card.kindOf(queue) === kind) this.set(queue, parameters);
    return true;
  }

  private isFor(queue: number): boolean {
    const kind = this.card.kindOf(queue);
    return kind === 'receive' || kind === 'transmit';
  }

  /** Drops a delayed interrupt; `parameters` apply from now on. */
  private forget(queue: number, parameters: Parameters): void {
    this.asked[queue] = parameters;
    this.packets[queue] = 0;
    this.waitNoMore(queue);
  }

  private isFull(queue: number): boolean {
    const { max_packets } = this.asked[queue]!;
    return max_packets > 0 && this.packets[queue]! >= max_packets;
  }

  private waitNoMore(queue: number): void {
    if (this.due[queue] !== NEVER) this.waiting--;
    this.due[queue] = NEVER;
  }

  private send(queue: number): void {
    this.packets[queue] = 0;
    this.waitNoMore(queue);
    this.card.sendInterrupt(queue);
  }

  private wake(queue: number, at: Nanos): void {
    if (this.due[queue] === NEVER) this.waiting++;
    this.due[queue] = at;
    this.timer ??= this.card.clock.timer(`${this.card.name} moderation`, () => this.run());
    if (at < this.timer.due) this.timer.armAt(at);
  }

  private run(): void {
    const { card, due } = this;
    const { now } = card.clock;
    for (let queue = 0; queue < due.length; queue++) {
      const at = due[queue]!;
      if (at > now) {
        if (at !== NEVER) this.wake(queue, at);
      } else if (card.queues[queue]!.suppressed) this.waitNoMore(queue);
      else this.send(queue);
    }
  }
}

function read(data: ByteReader, from: number): Parameters {
  return { max_packets: data.u32(from + at.max_packets), max_usecs: data.u32(from + at.max_usecs) };
}
