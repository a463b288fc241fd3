import type { Nanos } from './bits.ts';

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

/**
 * Virtual time. It moves only when somebody calls `advance`: every access of the guest does, by a constant of the
 * profile, so that a polling driver always makes progress and the same run takes the same time.
 *
 * @example
 * const clock = new Clock();
 * const machines = [gceN1({ clock }), gceN1({ clock })];      // one time for both
 * const timer = clock.timer('tick', () => timer.arm(1000));
 * timer.arm(1000);
 * clock.advance(2500);           // it fires at 1000 and at 2000
 * clock.now;                     // 2500
 * clock.remove(timer);
 */
export class Clock {
  /** Nanoseconds since the clock was made. */
  now: Nanos = 0;
  /** Not later than the earliest due timer; what `advance` compares once per access. @internal */
  next: Nanos = Number.POSITIVE_INFINITY;
  private readonly timers: Timer[] = [];

  /** Makes a timer that is not armed; `fire` is called at each time that it is armed for. */
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

  /** Moves time on and fires what falls due, each timer at its own time, in order of time, then of making. */
  advance(by: Nanos): void {
    const until = this.now + by;
    while (this.next <= until) this.fireNext(until);
    if (until > this.now) this.now = until;
  }

  /** Runs from timer to timer until `done()`; false if `limit` nanoseconds pass first. */
  runUntil(done: () => boolean, limit: Nanos): boolean {
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
    first.fire();
  }
}
