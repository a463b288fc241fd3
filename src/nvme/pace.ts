import type { Nanos } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { type InterruptPolicy, InterruptShaper } from '../core/interrupt-shaper.ts';
import type { Random } from '../core/random.ts';
import type { NvmeEvents } from './events.ts';
import type { Command, SubmissionQueue } from './queues.ts';

/** When a controller does what it is asked to, and in which order: no driver may rely on more. */
export interface PacePolicy {
  /** Virtual nanoseconds from the moment it takes a command of an I/O queue until it carries it out: from and to. */
  readonly latency: readonly [Nanos, Nanos];
  /** With `random` no command waits for older ones. */
  readonly order: 'fifo' | 'random';
  readonly interrupts: InterruptPolicy;
}

/** The controller, at whose pace it is. */
interface Paced {
  readonly name: string;
  readonly board: Board;
  /** Otherwise it waits for a doorbell. */
  canGoOn(): boolean;
  /** Carries out commands that were held, while they are due. */
  goOnHeld(): void;
  interrupt(vector: number): void;
}

/** A command that was taken; reused. */
interface Held {
  queue: SubmissionQueue | null;
  readonly command: Command;
  due: Nanos;
}

const NEVER = Number.POSITIVE_INFINITY;
/** Until it looks again, where it cannot go on. */
const PAUSE: Nanos = 1_000_000;
/** More than this it does not take. */
const HELD_MOST = 1024;

/** Commands that a controller has taken and not carried out, and interrupts that it delays, merges, adds and loses. */
export class Pace {
  /** It holds commands at all. */
  holds: boolean;
  private readonly policy: PacePolicy | null;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly host: Paced;
  private readonly shapers: InterruptShaper[] = [];
  /** Those that wait, in the order in which they are due. */
  private held: Held[] = [];
  private readonly spare: Held[] = [];
  private readonly make: () => Command;
  /** How many of the next commands are never carried out. */
  private stalling = 0;
  private losesNext = false;
  private last: Nanos = 0;
  private timer: Timer | null = null;

  /** @param make makes a command that is not reused. */
  constructor(host: Paced, policy: PacePolicy | null, make: () => Command) {
    this.host = host;
    this.policy = policy;
    this.clock = host.board.clock;
    this.random = host.board.random;
    this.make = make;
    this.holds = this.isSlow;
  }

  get isFull(): boolean {
    return this.held.length >= HELD_MOST;
  }

  /** So many of the next commands wait until they are aborted, or the controller is reset. */
  stall(commands: number): void {
    this.stalling = commands;
    this.holds = true;
  }

  /** The next interrupt is lost. */
  lose(): void {
    this.losesNext = true;
  }

  /** Holds a command of a queue. */
  take(queue: SubmissionQueue, command: Command, events: NvmeEvents | null): void {
    const one = this.spare.pop() ?? { queue, command: this.make(), due: 0 };
    one.queue = queue;
    one.command.copy(command);
    one.due = this.nextDue();
    let at = this.held.length;
    while (at > 0 && this.held[at - 1]!.due > one.due) at--;
    this.held.splice(at, 0, one);
    events?.held(queue.id, command.view);
    this.wake(one.due);
  }

  /** The next that is due, of a queue that is there; it is valid until the next is held. Null if there is none. */
  next(): Held | null {
    const [first] = this.held;
    if (first === undefined || first.due > this.clock.now) return null;
    return this.give(0);
  }

  /** Takes back a command of a queue; whether it was held. */
  abort(queue: number, cid: number): boolean {
    const at = this.held.findIndex((one) => one.queue!.id === queue && one.command.cid === cid);
    if (at >= 0) this.give(at);
    return at >= 0;
  }

  /** The commands of a queue that goes are not carried out. */
  forget(queue: SubmissionQueue): void {
    this.held = this.held.filter((one) => one.queue !== queue);
  }

  /** A queue's vector is to interrupt. @param isIo it is not the admin queue's, which loses none. */
  fire(vector: number, isIo: boolean): void {
    if (this.losesNext && isIo) this.losesNext = false;
    else if (this.policy === null) this.host.interrupt(vector);
    else {
      const { now } = this.clock;
      const shaper = this.shaperOf(vector);
      shaper.wanted(now);
      shaper.published(now);
      this.wake(shaper.run(now));
    }
  }

  reset(): void {
    this.held.length = 0;
    this.stalling = 0;
    this.losesNext = false;
    this.last = 0;
    this.holds = this.isSlow;
    for (const shaper of this.shapers) shaper?.forget();
    this.timer?.disarm();
  }

  close(): void {
    if (this.timer !== null) this.clock.remove(this.timer);
  }

  private get isSlow(): boolean {
    return this.policy !== null && this.policy.latency[1] > 0;
  }

  private give(at: number): Held {
    const [one] = this.held.splice(at, 1);
    this.spare.push(one!);
    return one!;
  }

  private nextDue(): Nanos {
    if (this.stalling > 0) {
      if (--this.stalling === 0) this.holds = this.isSlow;
      return NEVER;
    }
    const { latency, order } = this.policy!;
    const [least, most] = latency;
    const due = this.clock.now + least + this.random.below(most - least + 1);
    this.last = order === 'fifo' ? Math.max(due, this.last) : due;
    return this.last;
  }

  private shaperOf(vector: number): InterruptShaper {
    this.shapers[vector] ??= new InterruptShaper(this.policy!.interrupts, this.random, {
      queue: () => this.host.interrupt(vector),
      config: () => {},
    });
    return this.shapers[vector];
  }

  private act(): void {
    const { now } = this.clock;
    this.host.goOnHeld();
    for (const shaper of this.shapers) if (shaper !== undefined) this.wake(shaper.run(now));
    const [first] = this.held;
    if (first !== undefined && this.host.canGoOn()) this.wake(first.due > now ? first.due : now + PAUSE);
  }

  private wake(at: Nanos): void {
    if (at === NEVER) return;
    this.timer ??= this.clock.timer(`${this.host.name} pace`, () => this.act());
    if (at < this.timer.due) this.timer.armAt(at);
  }
}
