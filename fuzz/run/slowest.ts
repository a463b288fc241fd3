import { openSync, readSync } from 'node:fs';
import { cpuUsage } from 'node:process';

const SCHEDSTAT = '/proc/thread-self/schedstat';
const text = Buffer.alloc(64);
const open = (): number | null => {
  try {
    return openSync(SCHEDSTAT, 'r');
  } catch {
    return null;
  }
};
/** The file of the thread that opened it. */
const file = open();

/** Milliseconds of processor time of this thread so far, or if the host does not provide that, of the process. */
function cpuMs(): number {
  if (file === null) {
    const { user, system } = cpuUsage();
    return (user + system) / 1000;
  }
  const length = readSync(file, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, text.indexOf(' ')).slice(0, length)) / 1e6;
}

/** Shorter ones are not recorded. */
const NOTED_MS = 0.25;
const LONG_MS = 50;
/** A host may suspend the thread: an operation's time is accepted only with the CPU time around it. */
const WINDOW_OPS = 64;

/** The longest operation of one kind. */
export interface Slow {
  readonly kind: string;
  readonly ms: number;
  readonly op: number;
}

/** Durations of operations by kind; only the longest of each is kept. They are host times and not reproducible. */
export class Slowest {
  readonly byKind = new Map<string, Slow>();
  /** Operations over 50 ms. */
  over50 = 0;
  private spent = cpuMs();
  private next = 0;

  /** @param kind called only for a candidate for the longest. */
  took(ms: number, op: number, kind: () => string): void {
    if (ms >= NOTED_MS) this.note(ms, op, kind());
    else if (op >= this.next) this.open(op);
  }

  private note(wall: number, op: number, kind: string): void {
    const before = this.byKind.get(kind)?.ms ?? 0;
    if (wall > LONG_MS || wall > before) {
      const ms = Math.min(wall, cpuMs() - this.spent);
      if (ms > LONG_MS) this.over50++;
      if (ms > before) this.byKind.set(kind, { kind, ms, op });
    }
    this.open(op);
  }

  private open(op: number): void {
    this.next = op + WINDOW_OPS;
    this.spent = cpuMs();
  }
}
