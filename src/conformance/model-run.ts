import { hex } from '../core/bits.ts';
import type { Driver, FoundFunction } from '../core/driver.ts';
import { enumerate } from '../guest/pci/enumerate.ts';
import type { Machine } from '../machine/machine.ts';
import { judgeBus, judgeEnumeration } from './enumeration.ts';
import { IdleModelError } from './idle-model-error.ts';
import type { DriverModel } from './model.ts';
import { referenceDrivers } from './reference.ts';

/** A function that a driver got. */
interface Attached {
  readonly driver: Driver<unknown>;
  readonly handle: unknown;
}

/**
 * A driver model at work on a machine.
 *
 * @example
 * const run = new ModelRun(model, machine);
 * const stopped = run.play((machine, use) => use());
 */
export class ModelRun {
  found: readonly FoundFunction[] = [];
  private readonly model: DriverModel;
  private readonly machine: Machine;
  /** Whether the model's own code made an access. */
  private active = false;

  constructor(model: DriverModel, machine: Machine) {
    this.model = model;
    this.machine = machine;
  }

  /** @returns what stopped it, or null. */
  play(act: ((machine: Machine, use: () => void) => void) | undefined): unknown {
    const { model, machine } = this;
    try {
      this.found = (model.enumerate ?? enumerate)(machine.port);
      judgeEnumeration(this.found, machine);
      judgeBus(this.found, machine);
      const handles = this.attach(model.drivers ?? referenceDrivers());
      const use = () => this.watched(() => model.run?.(machine.port, handles, machine));
      if (act === undefined) use();
      else act(machine, use);
      return this.active ? null : new IdleModelError(`${model.name} used nothing: it made no access`);
    } catch (error) {
      return error;
    }
  }

  /** @returns what a model's `run` gets. */
  private attach(drivers: readonly Driver<unknown>[]): readonly unknown[] {
    const { found, machine } = this;
    const attached = found.flatMap(({ bdf, id }): Attached[] => {
      const driver = drivers.find((candidate) => candidate.matches(id));
      return driver === undefined
        ? []
        : [{ driver, handle: this.watched(() => driver.attach(machine.port, bdf)) }];
    });
    if (drivers.length > 0 && attached.length === 0) throw new IdleModelError(this.unboundText());
    const firsts = drivers.map((driver) => attached.find((candidate) => candidate.driver === driver));
    const rest = attached.filter((one) => !firsts.includes(one));
    return [...firsts, ...rest].map((one) => one?.handle);
  }

  /** Runs the model's own code. */
  private watched<T>(theirs: () => T): T {
    const before = this.machine.now;
    const result = theirs();
    this.active ||= this.machine.now > before;
    return result;
  }

  private unboundText(): string {
    const ids = this.found.map(({ id: { vendor, device } }) => `${hex(vendor, 4)}:${hex(device, 4)}`);
    return `${this.model.name} bound nothing: no driver of it matches one of ${ids.join(', ') || 'no function'}`;
  }
}
