import type { Nanos } from '../core/bits.ts';
import type { GuestWhere } from '../hosts/v86/index.ts';
import { doing } from './guest-place.ts';
import { secondsText } from './time-text.ts';

/** Milliseconds without output before the first line; each further line waits twice as long, up to a minute. */
const FIRST = 500;
const LONGEST = 60_000;

/** Says every so often what a guest does that prints nothing. */
export class Silence {
  private readonly say: (line: string) => void;
  private since = performance.now();
  private pause = FIRST;

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  /** Something was printed. */
  broken(): void {
    this.since = performance.now();
    this.pause = FIRST;
  }

  /** @param time how long the guest ran, in its own time. */
  look(where: () => GuestWhere, time: Nanos): void {
    const silent = performance.now() - this.since;
    if (silent < this.pause) return;
    this.pause = Math.min(2 * this.pause, this.pause + LONGEST);
    this.say(
      `guestrig: nothing printed for ${(silent / 1000).toFixed(1)} s; after ${secondsText(time)} of its time the guest ${doing(where())}\n`,
    );
  }
}
