import { hex } from '../../core/bits.ts';
import { hasMethods } from '../../core/checks.ts';
import type { Driver, FoundFunction } from '../../core/driver.ts';
import { MisuseError } from '../../core/misuse.ts';
import { enumerate } from '../../guest/pci/enumerate.ts';
import type { Machine } from '../../machine/machine.ts';
import { FRAME, referenceDrivers } from '../reference.ts';
import { meantKindsOf } from './kinds.ts';
import { attachedBy, type DriverModel } from './model.ts';
import type { AnyMachine } from './other-machine.ts';
import type { RunJudge } from './run-judge.ts';
import { USES, type UseName } from './uses.ts';

/** For those that an N1 does not have. */
const WHERE = {
  gvnic: "a gVNIC is on a C3, and on a machine with nics: [{ type: 'gvnic' }]",
  nvme: 'NVMe is on a C3, and on a machine with nvme: [{}]',
} as const;

/** A function that a driver got. */
interface Attached {
  readonly bdf: number;
  readonly driver: Driver<unknown>;
  readonly handle: unknown;
}

/**
 * A driver model running on a machine.
 *
 * @example
 * const run = new ModelRun(model, machine, judgeOf(machine));
 * run.start();                     // enumerates and attaches
 * run.use();                       // the model's `run`
 * run.active;                      // whether any of it made an access
 */
export class ModelRun<M extends AnyMachine = Machine> {
  readonly machine: M;
  found: readonly FoundFunction[] = [];
  /** Functions to which a driver is attached. */
  bound: readonly number[] = [];
  /** Whether the model's own code made an access. */
  active = false;
  private readonly model: DriverModel;
  private readonly judge: RunJudge;
  private handles: readonly unknown[] = [];
  private misuse: MisuseError | null = null;

  constructor(model: DriverModel, machine: M, judge: RunJudge) {
    this.model = model;
    this.machine = machine;
    this.judge = judge;
  }

  start(): void {
    const { model, machine, judge } = this;
    const found = (model.enumerate ?? enumerate)(machine.port);
    if (!isFound(found)) this.refuse('model.enumerate()', found, 'a list of functions (bdf, id, bars)');
    this.found = found;
    judge.enumerated(found);
    const attached = attachedBy(model);
    if (attached === null) return;
    judge.met(found);
    this.handles = this.attach(attached === 'ours' ? referenceDrivers() : attached);
  }

  use(): void {
    const { model, machine, handles } = this;
    if (attachedBy(model) === null) this.watched('model.run()', () => this.judge.explored(this.found));
    else if (model.run === undefined) this.useOnce();
    else this.watched('model.run()', () => model.run!(machine.port, handles, this.otherEnd));
  }

  /** The default use of a model without `run`. */
  private useOnce(): void {
    const { use = {} } = this.model;
    if (use.send !== undefined) this.perform('send', FRAME);
    if (use.receive !== undefined) this.perform('receive');
    if (use.read !== undefined) this.perform('read', 0, 1);
    if (use.print !== undefined) this.perform('print', new TextEncoder().encode('guestrig'));
    if (use.key !== undefined) this.perform('key');
  }

  /**
   * Has the drivers perform one use of the model's `use`.
   *
   * @param what the arguments before the handles.
   * @throws MisuseError if it returns an invalid value.
   */
  perform(name: UseName, ...what: readonly unknown[]): unknown {
    const { model, machine, handles, otherEnd } = this;
    const path = `model.use.${name}()`;
    const does = model.use![name] as (...given: readonly unknown[]) => unknown;
    const given = this.watched(path, () => does.call(model.use, ...what, handles, machine.port, otherEnd));
    const { is, expected } = USES[name];
    if (!is(given)) this.refuse(path, given, expected);
    return given;
  }

  /** Whether the model has that use. */
  can(name: UseName): boolean {
    return this.model.use?.[name] !== undefined;
  }

  /** For the model; a machine that is not ours has fewer members. */
  private get otherEnd(): Machine {
    return this.machine as AnyMachine as Machine;
  }

  /**
   * Runs it, and catches its error.
   *
   * @returns what stopped the model: its error, or that it did nothing; or null.
   * @throws MisuseError if a part of the model returns an invalid value, such as a promise.
   */
  stoppedIn(act: () => unknown): unknown {
    try {
      this.checkDone('options.act()', act());
      return this.active ? null : new IdleModelError(`${this.model.name} used nothing: it made no access`);
    } catch (error) {
      if (this.misuse !== null && error === this.misuse) throw error;
      return error ?? new Error(`${this.model.name} threw ${error}`);
    }
  }

  /** @returns the arguments of a model's `run`. */
  private attach(drivers: readonly Driver<unknown>[]): readonly unknown[] {
    const { found, judge } = this;
    const attached = found.flatMap(({ bdf, id }): Attached[] => {
      const driver = drivers.find((candidate, i) => {
        const matches = candidate.matches(id);
        this.checkDone(`model.drivers[${i}].matches()`, matches);
        return matches;
      });
      return driver === undefined ? [] : [{ bdf, driver, handle: this.bringUp(driver, bdf) }];
    });
    this.bound = attached.map(({ bdf }) => bdf);
    judge.matched(drivers, attached.length);
    if (drivers.length > 0 && attached.length === 0) throw new IdleModelError(this.unboundText(drivers));
    const firsts = drivers.map((driver) => attached.find((candidate) => candidate.driver === driver));
    const rest = attached.filter((one) => !firsts.includes(one));
    return [...firsts, ...rest].map((one) => one?.handle);
  }

  private bringUp(driver: Driver<unknown>, bdf: number): unknown {
    const { machine } = this;
    let returned = false;
    try {
      const handle = this.watched('driver.attach()', () => driver.attach(machine.port, bdf));
      returned = true;
      return handle;
    } finally {
      this.judge.attached(bdf, !returned);
    }
  }

  /** Runs the model's own code. */
  private watched<T>(path: string, theirs: () => T): T {
    const before = this.machine.now;
    try {
      const result = theirs();
      this.checkDone(path, result);
      return result;
    } finally {
      this.active ||= this.machine.now > before;
    }
  }

  /** Time is virtual, and only the model itself waits for it: asynchronous work would not be judged. */
  private checkDone(path: string, result: unknown): void {
    if (!hasMethods(result, ['then'])) return;
    Promise.resolve(result).catch(() => undefined);
    this.refuse(path, result, 'done when it returns: wait with port.wait(), not with await');
  }

  /** The caller's mistake is not reported as the driver's error. */
  private refuse(path: string, value: unknown, expected: string): never {
    this.misuse = new MisuseError(path, value, expected);
    throw this.misuse;
  }

  private unboundText(drivers: readonly Driver<unknown>[]): string {
    const ids = this.found.map(({ id: { vendor, device } }) => `${hex(vendor, 4)}:${hex(device, 4)}`);
    const where = meantKindsOf(drivers).map((kind) => `; ${WHERE[kind]}`);
    return `${this.model.name} bound nothing: no driver of it matches one of ${ids.join(', ') || 'no function'}${where.join('')}`;
  }
}

function isFound(found: unknown): boolean {
  return (
    Array.isArray(found) &&
    found.every((one) => Number.isInteger(one?.bdf) && typeof one.id === 'object' && Array.isArray(one.bars))
  );
}

/** A model did nothing that could be judged, so it broke nothing: that is not a success. */
export class IdleModelError extends Error {
  override readonly name = 'IdleModelError';
}
