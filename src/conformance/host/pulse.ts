import { readFileSync } from 'node:fs';
import type { Tap } from '../../core/access.ts';

/** One beat in this many reads the clock, which takes longer than most accesses. */
export const OFTEN = 8;
/** The part of a driver's time after which the processor's time is read, too, which takes longer still. */
const SELDOM = 0.05;

/** For a pulse whose guest has not fallen silent before. */
export const UNKNOWN = -1;

/**
 * For how long a guest has made no access, by the processor's time of its thread: time that the host spends elsewhere
 * does not count. It beats at each access, and wherever the guest is called or returns.
 *
 * @example
 * const pulse = new Pulse(1000, UNKNOWN);
 * machine.observe(pulse);
 * pulse.theirs(() => driver.run());
 * pulse.beats;                     // how many there were: the last is known exactly to a pulse that awaits that many
 * pulse.computed;                  // milliseconds since the last that was looked at, or somewhat less
 */
export class Pulse implements Tap {
  beats = 0;
  private readonly awaited: number;
  private readonly seldom: number;
  private readonly began = performance.now();
  private inside = 0;
  /** The last beat that read the clock, and its time. */
  private looked = 0;
  private last = this.began;
  /** When the processor's time was read, and its value. */
  private asked = this.began;
  private used = threadTime();

  /**
   * @param hostTime milliseconds that the guest may be silent.
   * @param awaited the beat after which it fell silent in another run.
   */
  constructor(hostTime: number, awaited: number) {
    this.seldom = hostTime * SELDOM;
    this.awaited = awaited;
  }

  begin(): void {
    this.beat();
  }

  /** A device's work in an access is not its guest's silence. */
  end(): void {
    this.beat();
  }

  /** Calls the guest: what is done around the call, at the machine's other end, is not its silence. */
  theirs<T>(act: () => T): T {
    this.inside++;
    this.beat();
    try {
      return act();
    } finally {
      this.inside--;
      this.beat();
    }
  }

  /** Whether the guest runs, and not the machine's other end. */
  get isTheirs(): boolean {
    return this.inside > 0;
  }

  /** No beat came after the one that read the clock. */
  get isExact(): boolean {
    return this.looked === this.beats;
  }

  /** The beat after which it fell silent in another run was reached, and no later one. */
  get isAwaited(): boolean {
    return this.beats === this.awaited;
  }

  /** Milliseconds until the clock was last read. */
  get reach(): number {
    return this.last - this.began;
  }

  /** Milliseconds since then, by the host's clock. */
  get silence(): number {
    return performance.now() - this.last;
  }

  /** The same by the processor's time: a lower bound, since all between the two readings may have been computing. */
  get computed(): number {
    return threadTime() - this.used - (this.last - this.asked);
  }

  private beat(): void {
    this.beats++;
    if (this.beats % OFTEN === 0 || this.beats === this.awaited) this.look();
  }

  private look(): void {
    this.looked = this.beats;
    this.last = performance.now();
    if (this.last - this.asked < this.seldom && this.beats !== this.awaited) return;
    this.asked = this.last;
    this.used = threadTime();
  }
}

/** Nanoseconds on a processor, nanoseconds that it waited for one, and how often it had one. */
const SCHEDSTAT = '/proc/thread-self/schedstat';

/** Of Node 23.9 and later. */
type ThreadCpuUsage = () => { readonly user: number; readonly system: number };

let readTime: (() => number) | null = null;

/**
 * Milliseconds for which this thread had a processor: time that the host spends elsewhere does not count. If neither Node
 * nor the host has it for a thread, that of the whole process.
 */
export function threadTime(): number {
  readTime ??= chosen();
  return readTime();
}

function chosen(): () => number {
  const { threadCpuUsage } = process as { readonly threadCpuUsage?: ThreadCpuUsage };
  if (threadCpuUsage !== undefined) return () => sum(threadCpuUsage());
  return tellsOfThreads() ? scheduled : () => sum(process.cpuUsage());
}

function sum({ user, system }: ReturnType<ThreadCpuUsage>): number {
  return (user + system) / 1000;
}

function scheduled(): number {
  return Number(readFileSync(SCHEDSTAT, 'latin1').split(' ', 1)[0]) / 1e6;
}

/** A kernel that keeps no such statistics has zeroes there. */
function tellsOfThreads(): boolean {
  try {
    return scheduled() > 0;
  } catch {
    return false;
  }
}
