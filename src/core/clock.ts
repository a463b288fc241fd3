import type { Nanos } from './bits.ts';
import { Mishaps } from './mishaps.ts';
import { MisuseError } from './misuse.ts';

const WITHIN = 'a whole number of nanoseconds within virtual time, which ends at 2^53 (104 days)';
/** The last nanosecond of virtual time, 104 days from its beginning: a double is exact up to here. */
export const TIME_END: Nanos = Number.MAX_SAFE_INTEGER;

const NOTHING = () => undefined;

/** What date it was at a time. */
interface Dated {
  readonly secondsSince1970: number;
  readonly at: Nanos;
}

/** A timer made once and armed often; arming allocates nothing. It fires at most once a nanosecond, so that it cannot stop time. */
export class Timer {
  readonly name: string;
  /** When it fires next, or Infinity. */
  due: Nanos = Number.POSITIVE_INFINITY;
  /** It only drives an interrupt, over and over: where nobody takes that, it ends no wait. */
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

  /** Fires once at virtual time `at`, or as soon as time moves if that has come already. */
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
  /** What the user's code threw, of all machines on this clock. @internal */
  readonly mishaps = new Mishaps();
  /** What a machine's RTC said when it was made, of the first on this clock; null without one. @internal */
  dated: Dated | null = null;
  private timers: Timer[] = [];
  /** How many of them were removed. */
  private gone = 0;

  /** Makes a timer that is not armed; `fire` is called at each time that it is armed for. */
  timer(name: string, fire: () => void, { ticks = false } = {}): Timer {
    const timer = new Timer(name, this, fire, ticks);
    this.timers.push(timer);
    return timer;
  }

  /** Forgets a timer whose device is removed. Thousands may come and go, so they leave the list together. */
  remove(timer: Timer): void {
    if (timer.gone) return;
    timer.disarm();
    timer.gone = true;
    // Until it leaves the list it must hold nothing of its device.
    timer.fire = NOTHING;
    if (++this.gone * 2 <= this.timers.length) return;
    this.timers = this.timers.filter(({ gone }) => !gone);
    this.gone = 0;
  }

  /**
   * Moves time on and fires what falls due, each timer at its own time, in order of time, then of making.
   *
   * @throws MisuseError for a time that is no whole number of nanoseconds, or past the end of virtual time; what the user's
   *   code threw meanwhile, when time has passed.
   */
  advance(by: Nanos): void {
    if (typeof by !== 'number' || by < 0) throw new MisuseError('clock.advance', by, WITHIN);
    this.pass(by);
    this.mishaps.raise();
  }

  /**
   * As `advance`, but what the user's code threw is still to be raised. While that code is called, a device may be in the
   * middle of its work: time passes, and what is due fires when it next passes afterwards. @internal
   */
  pass(by: Nanos): void {
    const until = this.now + by;
    if (!Number.isSafeInteger(until)) throw new MisuseError('clock.advance', by, WITHIN);
    while (this.next <= until && !this.mishaps.isCalling) this.fireNext(until);
    if (until > this.now) this.now = until;
  }

  /** Goes on to what is due next, at most to `end`; by a nanosecond at least. */
  step(end: Nanos): void {
    this.advance(Math.min(end, Math.max(this.next, this.now + 1)) - this.now);
  }

  /** When the next timer is due, or Infinity. */
  get deadline(): Nanos {
    return this.timers.reduce((first, { due }) => Math.min(first, due), Number.POSITIVE_INFINITY);
  }

  /** Where nothing but ticks is due: when the last of them is, 0 for none. Else Infinity. */
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
