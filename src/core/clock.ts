import type { Nanos } from './bits.ts';
import { MisuseError } from './misuse.ts';
import { UserCalls } from './user-calls.ts';

const WITHIN = 'a whole number of nanoseconds before the end of virtual time, 2^53 (104 days)';
/** The last nanosecond of virtual time, 104 days from its beginning: a double is exact up to here. */
export const TIME_END: Nanos = Number.MAX_SAFE_INTEGER;

const NOTHING = () => undefined;
const NEVER = Number.POSITIVE_INFINITY;

/** The date at a time. */
interface Dated {
  readonly secondsSince1970: number;
  readonly at: Nanos;
}

/** A timer made once and armed often; arming allocates nothing. It fires at most once per nanosecond: it cannot stop time. */
export class Timer {
  readonly name: string;
  /** When it fires next, or Infinity. */
  due: Nanos = NEVER;
  /** It only drives an interrupt, over and over: where no CPU takes that, it ends no wait. */
  readonly ticks: boolean;
  private readonly clock: Clock;
  /** @internal */ fire: () => void;
  /** @internal When it fired last. */ firedAt: Nanos = -1;
  /** @internal It was removed. */ gone = false;
  /** @internal How many its clock made before. */ readonly made: number;
  /** @internal Where it is among those that are armed; -1 while it is not. */ slot = -1;

  constructor(name: string, clock: Clock, made: number, fire: () => void, ticks: boolean) {
    this.name = name;
    this.clock = clock;
    this.made = made;
    this.fire = fire;
    this.ticks = ticks;
  }

  /** Fires once, `delay` virtual nanoseconds from now, at least one. */
  arm(delay: Nanos): void {
    if (this.gone) return;
    const { clock } = this;
    this.due = Math.ceil(clock.now + (delay > 1 ? delay : 1));
    clock.armed(this);
  }

  /** Fires once at virtual time `at`, or as soon as time moves if `at` has passed. */
  armAt(at: Nanos): void {
    if (this.gone) return;
    const { clock } = this;
    const { now } = clock;
    this.due = at <= now && this.firedAt === now ? now + 1 : Math.ceil(at);
    clock.armed(this);
  }

  disarm(): void {
    if (this.slot < 0) return;
    this.due = NEVER;
    this.clock.disarmed(this);
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
  next: Nanos = NEVER;
  /** What the user's code threw, of all machines on this clock. @internal */
  readonly userCalls = new UserCalls();
  /** What the RTC of the first machine on this clock read when it was made; null without one. @internal */
  dated: Dated | null = null;
  private made = 0;
  /** The timers that are armed, as a binary heap: what is at `i` fires before what is at `2i + 1` and `2i + 2`. */
  private readonly heap: Timer[] = [];

  /** Makes a timer that is not armed; `fire` is called at each time that it is armed for. */
  timer(name: string, fire: () => void, { ticks = false } = {}): Timer {
    return new Timer(name, this, this.made++, fire, ticks);
  }

  /** Forgets a timer whose device is removed. */
  remove(timer: Timer): void {
    timer.disarm();
    timer.gone = true;
    // What holds the timer must hold nothing of its device.
    timer.fire = NOTHING;
  }

  /** A timer has another time. @internal */
  armed(timer: Timer): void {
    if (timer.due < this.next) this.next = timer.due;
    if (timer.slot < 0) this.rise(timer, this.heap.push(timer) - 1);
    else this.sink(timer, this.rise(timer, timer.slot));
  }

  /** It is to fire no more. @internal */
  disarmed(timer: Timer): void {
    const { slot } = timer;
    const last = this.heap.pop()!;
    timer.slot = -1;
    if (last !== timer) this.sink(last, this.rise(last, slot));
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
    this.userCalls.raise();
  }

  /**
   * As `advance`, but errors of the user's code stay to be raised. While that code is called, a device may be in the
   * middle of its work: time passes, and what is due fires when time next passes afterwards. @internal
   */
  pass(by: Nanos): void {
    const until = this.now + by;
    if (!Number.isSafeInteger(until)) throw new MisuseError('clock.advance', by, WITHIN);
    if (this.next <= until) this.fireDue(by);
    if (until > this.now) this.now = until;
  }

  /** Moves to the next due time, at most to `end`; by a nanosecond at least. */
  step(end: Nanos): void {
    this.advance(Math.min(end, Math.max(this.next, this.now + 1)) - this.now);
  }

  /** When the next timer is due, or Infinity. */
  get deadline(): Nanos {
    const { heap } = this;
    return heap.length === 0 ? NEVER : heap[0]!.due;
  }

  /** When only ticks are due, the time of the last of them, 0 for none. Else Infinity. */
  get lastTick(): Nanos {
    let last = 0;
    for (const { due, ticks } of this.heap) {
      if (due > TIME_END) continue;
      if (!ticks) return NEVER;
      if (due > last) last = due;
    }
    return last;
  }

  /** What is due within `by` nanoseconds: a small number, which the engine hands on without an object for it. */
  private fireDue(by: Nanos): void {
    const { heap, userCalls } = this;
    const until = this.now + by;
    while (this.next <= until && !userCalls.isCalling) {
      if (heap.length === 0 || heap[0]!.due > until) {
        this.next = this.deadline;
        return;
      }
      const first = heap[0]!;
      if (first.due > this.now) this.now = first.due;
      first.firedAt = this.now;
      first.disarm();
      this.next = this.deadline;
      userCalls.begin();
      try {
        first.fire();
      } catch (error) {
        userCalls.keep(error);
      }
      userCalls.done();
      userCalls.settle();
    }
  }

  /** Puts a timer at a place, or above where it fires before what is there; returns where. */
  private rise(timer: Timer, slot: number): number {
    const { heap } = this;
    while (slot > 0) {
      const above = heap[(slot - 1) >> 1]!;
      if (!isBefore(timer, above)) break;
      heap[slot] = above;
      above.slot = slot;
      slot = (slot - 1) >> 1;
    }
    heap[slot] = timer;
    timer.slot = slot;
    return slot;
  }

  /** The same below a place, where others fire before it. */
  private sink(timer: Timer, slot: number): void {
    const { heap } = this;
    for (let next = 2 * slot + 1; next < heap.length; next = 2 * slot + 1) {
      if (next + 1 < heap.length && isBefore(heap[next + 1]!, heap[next]!)) next++;
      const below = heap[next]!;
      if (!isBefore(below, timer)) break;
      heap[slot] = below;
      below.slot = slot;
      slot = next;
    }
    heap[slot] = timer;
    timer.slot = slot;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.due < other.due || (one.due === other.due && one.made < other.made);
}
