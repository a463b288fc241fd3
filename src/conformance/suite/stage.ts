import type { Machine } from '../../machine/machine.ts';

/** A machine and the driver that is judged on it, as a scenario has them. */
export interface Stage {
  readonly machine: Machine;
  /** Finds the functions and attaches the drivers: once more, as a driver that is loaded again. */
  start(): void;
  /** The driver does what its model's `run` does. */
  use(): void;
}
