import type { Nanos } from './bits.ts';
import { Mishaps } from './mishaps.ts';
import { MisuseError } from './misuse.ts';

const WITHIN = 'a whole number of nanoseconds within virtual time, which ends at 2^53 (104 days)';
/** The last nanosecond of virtual time, 104 days from its beginning: a double is exact up to here. */
export const TIME_END: Nanos = Number.MAX_SAFE_INTEGER;

const NOTHING = () => undefined;

/** The date at a time. */
interface Dated {
  readonly secondsSince1970: number;
  readonly at: Nanos;
}

/** A timer made once and armed often; arming allocates nothing. It fires at most once per nanosecond: it cannot stop time. */
export class Timer {
  readonly name: string;
  /** When it fires next, or Infinity. */
  due: Nanos = Number.POSITIVE_INFINITY;
  /** It only drives a repeating interrupt: where the CPU does not take that interrupt, the timer ends no wait. */
  readonly ticks: boolean;
  private readonly clock: Clock;
  /** @internal */ fire: () => void;
  /** @internal When it fired last. */ firedAt: Nanos = -1;
  /** @internal It was removed. */ gone = false;

  constructor(name: string, clock: Clock, fire: () => void, ticks: boolean) {
    this.name = name;
    this.clock = clock;
    this.fire = fire;
    this.ticks = ticks;
  }

  /** Fires once, `delay` virtual nanoseconds from now, at least one. */
  arm(delay: Nanos): void {
    this.armAt(this.clock.now + Math.max(1, delay));
  }

  /** Fires once at virtual time `at`, or as soon as time moves if `at` has passed. */
  armAt(at: Nanos): void {
    if (this.gone) return;
    const { now } = this.clock;
    this.due = at <= now && this.firedAt === now ? now + 1 : Math.ceil(at);
    if (this.due < this.clock.next) this.clock.next = this.due;
  }

  disarm(): void {
    this.due = Number.POSITIVE_INFINITY;
  }
}

/**
 * Virtual time. It moves only when `advance` is called: every access of the guest calls it, by a constant of the
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
  /** The error that the user's code threw, for all machines on this clock. @internal */
  readonly mishaps = new Mishaps();
  /** What the RTC of the first machine on this clock read when it was made; null without one. @internal */
  dated: Dated | null = null;
  private timers: Timer[] = [];
  /** How many timers were removed. */
  private gone = 0;

  /** Makes a timer that is not armed; `fire` is called at each time that it is armed for. */
  timer(name: string, fire: () => void, { ticks = false } = {}): Timer {
    const timer = new Timer(name, this, fire, ticks);
    this.timers.push(timer);
    return timer;
  }

  /** Removes a timer whose device is removed. Thousands may come and go, so they are dropped from the list together. */
  remove(timer: Timer): void {
    if (timer.gone) return;
    timer.disarm();
    timer.gone = true;
    // Until it leaves the list it must hold no reference to its device.
    timer.fire = NOTHING;
    if (++this.gone * 2 <= this.timers.length) return;
    this.timers = this.timers.filter(({ gone }) => !gone);
    this.gone = 0;
  }

  /**
   * Moves time on and fires what is due, each timer at its own time, in order of time, then of making.
   *
   * @throws MisuseError for a time that is not a whole number of nanoseconds, or past the end of virtual time; errors
   *   that the user's code threw meanwhile, after time has passed.
   */
  advance(by: Nanos): void {
    if (typeof by !== 'number' || by < 0) throw new MisuseError('clock.advance', by, WITHIN);
    this.pass(by);
    this.mishaps.raise();
  }

  /**
   * As `advance`, but errors of the user's code stay to be raised. While that code is called, a device may be in the
   * middle of its work: time passes, and what is due fires when time next passes afterwards. @internal
   */
  pass(by: Nanos): void {
    const until = this.now + by;
    if (!Number.isSafeInteger(until)) throw new MisuseError('clock.advance', by, WITHIN);
    while (this.next <= until && !this.mishaps.isCalling) this.fireNext(until);
    if (until > this.now) this.now = until;
  }

  /** Moves to the next due time, at most to `end`; by a nanosecond at least. */
  step(end: Nanos): void {
    this.advance(Math.min(end, Math.max(this.next, this.now + 1)) - this.now);
  }

  /** When the next timer is due, or Infinity. */
  get deadline(): Nanos {
    return this.timers.reduce((first, { due }) => Math.min(first, due), Number.POSITIVE_INFINITY);
  }

  /** When only ticks are due, the time of the last of them, 0 for none. Else Infinity. */
  get lastTick(): Nanos {
    let last = 0;
    for (const { due, ticks } of this.timers) {
      if (due > TIME_END) continue;
      if (!ticks) return Number.POSITIVE_INFINITY;
      if (due > last) last = due;
    }
    return last;
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
    first.firedAt = this.now;
    const { mishaps } = this;
    mishaps.begin();
    try {
      first.fire();
    } catch (error) {
      mishaps.keep(error);
    }
    mishaps.done();
    mishaps.settle();
  }
}
