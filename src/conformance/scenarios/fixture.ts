import type { Nanos } from '../../core/bits.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import { isEndless } from '../host/errors.ts';
import type { ModelRun } from '../model/model-run.ts';
import type { AnyMachine } from '../model/other-machine.ts';
import type { UseName } from '../model/uses.ts';

/**
 * A machine and the driver that is judged on it, for a scenario. The scenario's `needs` names the uses that the model
 * must have.
 */
export interface Fixture<M = Machine> {
  readonly machine: M;
  /** Functions that its drivers were attached to, by their addresses. */
  readonly bound: readonly number[];
  /** Finds the functions and attaches the drivers: again, as a driver that is reloaded. */
  start(): void;
  /** Calls the model's `run`. */
  use(): void;
  /** @returns false if the driver had no room for the frame, and did not send it. */
  send(frame: Uint8Array): boolean;
  /** Frames received since the last call. */
  receive(): readonly Uint8Array[];
  /** The time of the frame received last; null for none. */
  stamp(): number | null;
  read(lba: number, blocks: number): Uint8Array;
  write(lba: number, bytes: Uint8Array): void;
  flush(): void;
  stop(): void;
  suspend(): void;
  resume(): void;
  /** By the clock of a processor. */
  time(vcpu: number): number;
  date(): number;
  print(text: Uint8Array): void;
  /** @returns the next byte that was received; null for none. */
  key(): number | null;
  /** Whether the model has a use, beyond those that the scenario needs. */
  can(use: UseName): boolean;
}

/** Calls the driver; the time that passes is counted as its own. */
export type Theirs = <T>(call: () => T) => T;

/** What a scenario may do with a running model. */
export function fixtureOf<M extends AnyMachine>(run: ModelRun<M>, theirs: Theirs): Fixture<M> {
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
    stamp: () => perform('stamp') as number | null,
    read: (lba, blocks) => perform('read', lba, blocks) as Uint8Array,
    write: (lba, bytes) => void perform('write', lba, bytes),
    flush: () => void perform('flush'),
    stop: () => void perform('stop'),
    suspend: () => void perform('suspend'),
    resume: () => void perform('resume'),
    time: (vcpu) => perform('time', vcpu) as number,
    date: () => perform('date') as number,
    print: (text) => void perform('print', text),
    key: () => perform('key') as number | null,
    can: (use) => run.can(use),
  };
}

/** Calls `act` after this much time, in the middle of the driver's work; and again after each further time. */
export function later(
  { chassis }: Machine,
  act: () => void,
  ...[first, ...more]: readonly [Nanos, ...Nanos[]]
): void {
  const { clock } = chassis.board;
  const timer = clock.timer('scenario', () => {
    const next = more.shift();
    if (next === undefined) clock.remove(timer);
    else timer.arm(next);
    act();
  });
  timer.arm(first);
}

/**
 * Runs an action in which a driver may give up, because its device is gone or refuses. It may throw any error; but
 * that it would not end, or misuses the machine, is still reported.
 *
 * @returns whether it finished.
 */
export function mayGiveUp(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (isEndless(error) || error instanceof MisuseError) throw error;
    return false;
  }
}
