import type { Nanos } from '../core/bits.ts';
import type { RunEnd } from '../hosts/v86/index.ts';
import type { Console } from './console.ts';
import { type AnyCrash, causeText } from './crash-text.ts';
import type { Script } from './script.ts';
import { secondsText } from './time-text.ts';

/** The default time limit of `--until`: a guest that idles would never end. */
const PATIENCE: Nanos = 600_000_000_000;

/** The command line's conditions for the end of a boot. */
export interface Wanted {
  /** Text that the console must print. */
  readonly until: string | undefined;
  /** The most virtual time. */
  readonly limit: Nanos | undefined;
}

/** The state of a boot, as far as it may end it. */
export interface Seen {
  readonly console: Console;
  readonly script: Script | null;
  /** The user pressed Ctrl-C. */
  readonly stopped: boolean;
  readonly crash: AnyCrash | null;
  /** How long the guest has run. */
  readonly time: Nanos;
}

/** Ends that the guest did not cause. */
type Asked = 'printed' | 'script' | 'stopped' | 'limit';
/** `gone`: QEMU ended before the guest was off. */
export type How = Asked | Exclude<RunEnd, 'until' | 'reset' | 'limit'> | 'gone';

/** A finished boot. */
export interface BootEnd {
  readonly how: How;
  /** The same in words. */
  readonly said: string;
  /** The condition that was not met. */
  readonly complaints: readonly string[];
  /** The condition. */
  readonly expected: string;
  readonly lastLine: string;
  readonly time: Nanos;
  readonly crash: AnyCrash | null;
}

const SAID: Readonly<Record<How, string>> = {
  printed: 'The console printed what was waited for',
  script: 'The script is over',
  stopped: 'The run was stopped',
  limit: 'The limit was reached',
  off: 'The guest powered off',
  halted: 'The guest halted for good',
  crash: 'The guest crashed',
  gone: 'QEMU ended before the guest did',
};

/** Whether a boot ends now, and by which condition. */
export function askedEnd(
  { until, limit = until === undefined ? undefined : PATIENCE }: Wanted,
  { console, script, stopped, time }: Seen,
): Asked | null {
  if (stopped) return 'stopped';
  if (console.printed) return 'printed';
  if (script?.over === true) return 'script';
  return limit !== undefined && time >= limit ? 'limit' : null;
}

export function bootEnd(how: How, wanted: Wanted, seen: Seen): BootEnd {
  const { console, script, time, crash } = seen;
  const { lastLine } = console;
  const line = lastLine === '' ? 'nothing was printed' : `the last line seen is ${JSON.stringify(lastLine)}`;
  const complaints = [unprinted(wanted, console), script?.finish() ?? null]
    .filter((complaint) => complaint !== null)
    .map((complaint) => `${complaint}; ${line}`);
  return {
    how,
    said: `${SAID[how]}, after ${secondsText(time)} of its time`,
    complaints: crash === null ? complaints : [`it crashed: ${causeText(crash)}`, ...complaints],
    expected: wanted.until === undefined ? 'ends without a crash' : `prints ${JSON.stringify(wanted.until)}`,
    lastLine,
    time,
    crash,
  };
}

function unprinted({ until }: Wanted, console: Console): string | null {
  return until === undefined || console.printed ? null : `${JSON.stringify(until)} was not printed`;
}
