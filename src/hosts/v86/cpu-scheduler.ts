import type { Nanos } from '../../core/bits.ts';
import type { SlicedCpu } from './sliced-cpu.ts';

/**
 * CPUs on one clock, which execute in turn. Those that are not idle share the time, so that each is as fast as it would
 * be alone; a halted one waits until all are halted, for the others may wake it.
 */
export class CpuScheduler {
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
