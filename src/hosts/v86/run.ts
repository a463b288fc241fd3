import type { Nanos } from '../../core/bits.ts';
import { checkFunction, checkObject } from '../../core/checks.ts';
import { type Clock, TIME_END } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';

/** Less than this ahead of the host's time there is no wait: the host's timers are no finer. */
const AHEAD = 5;

/** Keeps virtual time from running ahead of the host's. */
class Pace {
  private readonly guest: Nanos;
  private readonly host = performance.now();

  /** @param now the virtual time that matches the host's present time. */
  constructor(now: Nanos) {
    this.guest = now;
  }

  async wait(now: Nanos): Promise<void> {
    const ahead = (now - this.guest) / 1e6 - (performance.now() - this.host);
    if (ahead > AHEAD) await new Promise((resume) => setTimeout(resume, ahead));
  }
}

/**
 * CPUs on one clock, which execute in turn. Those that are not idle share the time, so that each is as fast as it would
 * be alone; a halted one waits until all are halted, for the others may wake it.
 */
class CpuScheduler {
  private cpus: readonly SlicedCpu[];
  private turn = 0;
  /** How many in a row were idle, with nothing executed meanwhile that could wake another. */
  private quiet = 0;
  /** When the first of these stops being idle. */
  private due: Nanos = Number.POSITIVE_INFINITY;

  constructor(cpus: readonly SlicedCpu[]) {
    this.cpus = cpus;
  }

  /** Those that have not ended. */
  get running(): readonly SlicedCpu[] {
    if (this.cpus.some(({ ended }) => ended !== null))
      this.cpus = this.cpus.filter(({ ended }) => ended === null);
    return this.cpus;
  }

  /** Runs the next CPU. @returns how long all of them are idle afterwards. */
  take(): Nanos {
    const { cpus } = this;
    const cpu = cpus[this.turn++ % cpus.length]!;
    const before = cpu.instructions;
    const idle = cpu.slice(1 + cpus.filter((other) => other !== cpu && !other.halted).length);
    if (idle === 0 || cpu.instructions !== before) this.wake();
    if (idle === 0) return 0;
    this.quiet++;
    this.due = Math.min(this.due, cpu.clock.now + idle);
    if (this.quiet < cpus.length) return 0;
    const wait = this.due - cpu.clock.now;
    this.wake();
    return Math.max(0, wait);
  }

  private wake(): void {
    this.quiet = 0;
    this.due = Number.POSITIVE_INFINITY;
  }
}

/** How far to run. */
export interface RunOptions {
  /** Called about every millisecond of the guest's time: whether the run may end. */
  readonly until?: () => boolean;
  /** The most virtual nanoseconds, to about a millisecond while code executes. Default: no limit. */
  readonly limit?: Nanos;
  /**
   * Keeps virtual time from running ahead of the host's, so that people can type. Default false: as fast as it
   * goes.
   */
  readonly paced?: boolean;
}

/** After this many slices the process may do other work. */
const SLICES = 64;

/**
 * Runs CPUs on one clock in turn, until all have ended. @returns how each came to its end.
 *
 * @throws MisuseError for a limit below 0, or that is not a number, and for an `until` that cannot be called.
 */
export async function runCpus(cpus: readonly SlicedCpu[], options: RunOptions): Promise<RunEnd[]> {
  checkObject('options', options);
  const { until, limit = Number.POSITIVE_INFINITY, paced = false } = options;
  if (typeof limit !== 'number' || !(limit >= 0)) throw new MisuseError('limit', limit, '0 ns or more');
  if (typeof paced !== 'boolean') throw new MisuseError('paced', paced, 'true or false');
  if (until !== undefined) checkFunction('until', until);
  const { clock } = cpus[0]!;
  const end = clock.now + Math.ceil(limit);
  const pace = paced ? new Pace(clock.now) : null;
  const turns = new CpuScheduler(cpus);
  const ends = (how: RunEnd) => cpus.map(({ ended }) => ended ?? how);
  for (let slice = 1; turns.running.length > 0; slice++) {
    if (until?.()) return ends('until');
    if (clock.now >= end) return ends('limit');
    if (end > TIME_END && inVain(turns.running, clock)) return ends('halted');
    const idle = Math.min(turns.take(), end - clock.now);
    if (idle > 0) await cpus[0]!.idle(idle);
    if (slice % SLICES === 0) await new Promise((resume) => setImmediate(resume));
    await pace?.wait(clock.now);
  }
  return ends('halted');
}

/** No code will run any more, and no device act. */
function inVain(cpus: readonly SlicedCpu[], clock: Clock): boolean {
  return cpus.every(({ haltedForGood }) => haltedForGood) && clock.lastTick < TIME_END;
}

/**
 * Why a run ended: `off` and `reset` are the guest's doing, `crash` is a triple fault, or what v86 cannot do. `halted`
 * is how a run without a limit ends when the CPU halted with interrupts off, and nothing else is due in the machine.
 */
export type RunEnd = 'until' | 'limit' | 'off' | 'reset' | 'crash' | 'halted';

/** A CPU that is run slice by slice. */
export interface SlicedCpu {
  readonly clock: Clock;
  /** Null while it runs. */
  readonly ended: RunEnd | null;
  readonly halted: boolean;
  /** Halted with interrupts off. */
  readonly haltedForGood: boolean;
  /** How many it has executed, modulo 2^32. */
  readonly instructions: number;
  /** Executes for about a millisecond, as one of this many that do. @returns how long it is idle afterwards. */
  slice(busy: number): Nanos;
  /** Idles for this long. */
  idle(time: Nanos): void | Promise<void>;
}
