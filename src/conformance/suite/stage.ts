import type { Machine } from '../../machine/machine.ts';
import type { ModelRun } from '../model-run.ts';
import type { AnyMachine } from '../other-machine.ts';

/** A machine and the driver that is judged on it, as a scenario has them. What its model lacks, `needs` of the scenario names. */
export interface Stage<M = Machine> {
  readonly machine: M;
  /** Functions that its drivers were attached to, by their addresses. */
  readonly bound: readonly number[];
  /** Finds the functions and attaches the drivers: once more, as a driver that is loaded again. */
  start(): void;
  /** The driver does what its model's `run` does. */
  use(): void;
  /** False: the driver had no room for the frame, and did not send it. */
  send(frame: Uint8Array): boolean;
  /** Frames that came since the last time. */
  receive(): readonly Uint8Array[];
  read(lba: number, blocks: number): Uint8Array;
  write(lba: number, bytes: Uint8Array): void;
  stop(): void;
  suspend(): void;
  resume(): void;
}

/** Calls the driver, on whose account the time goes meanwhile. */
export type Theirs = <T>(call: () => T) => T;

/** What a scenario may do with a model at work. */
export function stageOf<M extends AnyMachine>(run: ModelRun<M>, theirs: Theirs): Stage<M> {
  const perform = (...what: Parameters<ModelRun['perform']>) => theirs(() => run.perform(...what));
  return {
    machine: run.machine,
    get bound() {
      return run.bound;
    },
    start: () => theirs(() => run.start()),
    use: () => theirs(() => run.use()),
    send: (frame) => perform('send', frame) !== false,
    receive: () => perform('receive') as readonly Uint8Array[],
    read: (lba, blocks) => perform('read', lba, blocks) as Uint8Array,
    write: (lba, bytes) => void perform('write', lba, bytes),
    stop: () => void perform('stop'),
    suspend: () => void perform('suspend'),
    resume: () => void perform('resume'),
  };
}
