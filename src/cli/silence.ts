import type { Nanos } from '../core/bits.ts';
import type { Console } from './console.ts';
import type { Io } from './io.ts';
import { secondsText } from './time-text.ts';

/** Milliseconds without output before the first line; each further line waits twice as long, up to a minute. */
const FIRST = 500;
const LONGEST = 60_000;
/** But the guest runs at least this long before the first, however late it began. */
const LEAST = 100;

/**
 * Prints beside the console. At a terminal both are on one screen, so it begins a line there, and is left out at a
 * prompt.
 */
export function besideConsole({ progress, keyboard, err }: Io, console: Console): (line: string) => void {
  return (line) => {
    const { printedAny, midLine } = console;
    if (keyboard?.live === true && printedAny) return;
    err(progress !== undefined && midLine ? `\n${line}` : line);
  };
}

/** Reports at intervals what a silent guest does. */
export class Silence {
  private readonly say: (line: string) => void;
  private since = performance.now();
  private pause = FIRST;

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  /**
   * The guest printed, or begins.
   *
   * @param since when the user began to wait, in `performance.now()`'s time, if that was earlier.
   */
  broken(since: number = performance.now()): void {
    this.since = since;
    this.pause = Math.max(FIRST, performance.now() - since + LEAST);
  }

  /**
   * @param doing what the guest does, in words.
   * @param time how long it ran, in its own time.
   */
  look(doing: () => string, time: Nanos): void {
    const silent = performance.now() - this.since;
    if (silent < this.pause) return;
    while (this.pause <= silent) this.pause = Math.min(2 * this.pause, this.pause + LONGEST);
    this.say(
      `guestrig: nothing printed for ${(silent / 1000).toFixed(1)} s; after ${secondsText(time)} of its time the guest ${doing()}\n`,
    );
  }
}
