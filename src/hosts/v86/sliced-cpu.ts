import type { Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';

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
