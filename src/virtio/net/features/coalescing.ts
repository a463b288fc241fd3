import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';

const NEVER: Nanos = Number.POSITIVE_INFINITY;
const MICROSECOND: Nanos = 1000;

/** Coalescing parameters of a queue's interrupts. */
export interface Coalescing {
  readonly max_packets: number;
  readonly max_usecs: number;
}

export const AT_ONCE: Coalescing = { max_packets: 0, max_usecs: 0 };

/** The device whose interrupts are moderated. */
export interface ModeratedHost {
  readonly name: string;
  /** The driver of a queue suppresses interrupts now. */
  suppresses(queue: number): boolean;
  interrupt(queue: number): void;
}

/**
 * Delays interrupts until so many packets passed, or so much time since the first of them (virtio 1.4, Notifications
 * Coalescing). Without a time none is delayed, whatever the number of packets: none would come after the last.
 */
export class Moderation {
  private readonly host: ModeratedHost;
  private readonly clock: Clock;
  private readonly asked: Coalescing[];
  private readonly packets: number[];
  private readonly due: Nanos[];
  /** Queues with a delayed interrupt. */
  private waiting = 0;
  private timer: Timer | null = null;

  constructor(host: ModeratedHost, clock: Clock, queues: number) {
    this.host = host;
    this.clock = clock;
    this.asked = new Array<Coalescing>(queues).fill(AT_ONCE);
    this.packets = new Array<number>(queues).fill(0);
    this.due = new Array<Nanos>(queues).fill(NEVER);
  }

  of(queue: number): Coalescing {
    return this.asked[queue]!;
  }

  /** An interrupt that is delayed by the old parameters is sent now, so that it is not delayed further. */
  set(queue: number, coalescing: Coalescing): void {
    this.asked[queue] = coalescing;
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
    else if (this.due[queue] === NEVER) this.wake(queue, this.clock.now + max_usecs * MICROSECOND);
  }

  /** The queue published these packets: an interrupt may be due by their number. */
  published(queue: number): void {
    if (this.waiting > 0) this.sendIfFull(queue);
  }

  /** Sends all delayed interrupts now. */
  flush(): void {
    for (let queue = 0; queue < this.due.length; queue++) if (this.due[queue] !== NEVER) this.send(queue);
  }

  /** Drops a delayed interrupt; `coalescing` applies from now on. */
  forget(queue: number, coalescing: Coalescing = AT_ONCE): void {
    this.asked[queue] = coalescing;
    this.packets[queue] = 0;
    this.waitNoMore(queue);
  }

  reset(): void {
    for (let queue = 0; queue < this.asked.length; queue++) this.forget(queue);
  }

  /** Takes the timer off the clock. */
  close(): void {
    if (this.timer !== null) this.clock.remove(this.timer);
  }

  private isFull(queue: number): boolean {
    const { max_packets } = this.asked[queue]!;
    return max_packets > 0 && this.packets[queue]! >= max_packets;
  }

  private sendIfFull(queue: number): void {
    if (this.due[queue] !== NEVER && this.isFull(queue)) this.send(queue);
  }

  private waitNoMore(queue: number): void {
    if (this.due[queue] !== NEVER) this.waiting--;
    this.due[queue] = NEVER;
  }

  private send(queue: number): void {
    this.packets[queue] = 0;
    this.waitNoMore(queue);
    this.host.interrupt(queue);
  }

  private wake(queue: number, at: Nanos): void {
    if (this.due[queue] === NEVER) this.waiting++;
    this.due[queue] = at;
    this.timer ??= this.clock.timer(`${this.host.name} moderation`, () => this.run());
    if (at < this.timer.due) this.timer.armAt(at);
  }

  private run(): void {
    const { now } = this.clock;
    for (let queue = 0; queue < this.due.length; queue++) {
      const at = this.due[queue]!;
      if (at > now) {
        if (at !== NEVER) this.wake(queue, at);
      } else if (this.host.suppresses(queue)) this.waitNoMore(queue);
      else this.send(queue);
    }
  }
}
