import type { Nanos } from './bits.ts';
import { Mishaps } from './mishaps.ts';
import { MisuseError } from './misuse.ts';

/** A timer made once and armed often; arming allocates nothing. */
export class Timer {
  readonly name: string;
  /** When it fires next, or Infinity. */
  due: Nanos = Number.POSITIVE_INFINITY;
  private readonly clock: Clock;
  /** @internal */ readonly fire: () => void;

  constructor(name: string, clock: Clock, fire: () => void) {
    this.name = name;
    this.clock = clock;
    this.fire = fire;
  }

  /** Fires once, `delay` virtual nanoseconds from now (at least one, so that a timer cannot stop time). */
  arm(delay: Nanos): void {
    this.armAt(this.clock.now + Math.max(1, delay));
  }

  /** Fires once at virtual time `at`. */
  armAt(at: Nanos): void {
    this.due = at;
    if (at < this.clock.next) this.clock.next = at;
  }

  disarm(): void {
    this.due = Number.POSITIVE_INFINITY;
  }
}

const A_TIME = 'a number of nanoseconds from 0';

/**
 * Virtual time. It moves only when somebody calls `advance`: every access of the guest does, by a constant of the
 * profile, so that a polling driver always makes progress and the same run takes the same time.
 */
export class Clock {
  now: Nanos = 0;
  /** Not later than the earliest due timer; what `advance` compares once per access. @internal */
  next: Nanos = Number.POSITIVE_INFINITY;
  /** What the user's code threw, of all machines on this clock. @internal */
  readonly mishaps = new Mishaps();
  private readonly timers: Timer[] = [];

  timer(name: string, fire: () => void): Timer {
    const timer = new Timer(name, this, fire);
    this.timers.push(timer);
    return timer;
  }

  /** Forgets a timer whose device is removed. */
  remove(timer: Timer): void {
    const at = this.timers.indexOf(timer);
    if (at >= 0) this.timers.splice(at, 1);
  }

  /**
   * Moves time on and fires what falls due, each timer at its own time, in order of time, then of making.
   *
   * @throws MisuseError for what is no time; what the user's code threw meanwhile, when time has passed.
   */
  advance(by: Nanos): void {
    if (!(Number.isFinite(by) && by >= 0)) throw new MisuseError('advance.by', by, A_TIME);
    this.pass(by);
    this.mishaps.raise();
  }

  /** As `advance`, but what the user's code threw is still to be raised. @internal */
  pass(by: Nanos): void {
    const until = this.now + by;
    while (this.next <= until) this.fireNext(until);
    if (until > this.now) this.now = until;
  }

  /** Runs from timer to timer until `done()`; false if `limit` nanoseconds pass first. @throws as `advance`. */
  runUntil(done: () => boolean, limit: Nanos): boolean {
    if (typeof done !== 'function') throw new MisuseError('runUntil.done', done, 'a function');
    if (!(typeof limit === 'number' && limit >= 0)) throw new MisuseError('runUntil.limit', limit, A_TIME);
    const end = this.now + limit;
    while (!done()) {
      if (this.now >= end) return false;
      this.advance(Math.min(end, Math.max(this.next, this.now + 1)) - this.now);
    }
    return true;
  }

  private fireNext(until: Nanos): void {
    let first: Timer | undefined;
    let second = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.timers.length; i++) {
      const timer = this.timers[i]!;
      if (first === undefined || timer.due < first.due) {
        if (first !== undefined && first.due < second) second = first.due;
        first = timer;
      } else if (timer.due < second) second = timer.due;
    }
    this.next = second;
    if (first === undefined || first.due > until) {
      this.next = first === undefined ? second : first.due;
      return;
    }
    if (first.due > this.now) this.now = first.due;
    first.disarm();
    try {
      first.fire();
    } catch (error) {
      this.mishaps.keep(error);
    }
  }
}
