import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { type InterruptMode, NicDriver, ScsiHost } from '../../guest/index.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { attachedBehind } from '../broken/behind.ts';
import type { DriverModel } from '../model/model.ts';
import type { DriverUses } from '../model/uses.ts';
import { referenceDrivers, referenceModel, referenceUses, useDevices } from '../reference.ts';
import { mayGiveUp } from './fixture.ts';

/** A driver with one mistake, which passes every scenario but one. */
export interface ScenarioMutant {
  /** Ends the sentence "a driver that …". */
  readonly name: string;
  /** The scenario that finds it. */
  readonly scenario: string;
  /** The message that finds it, if any does. */
  readonly by?: RegExp;
  /** Others that find it, too. */
  readonly also?: readonly string[];
  readonly machine?: MachineOptions;
  readonly model: () => DriverModel;
}

/** One that keeps nothing from one scenario to the next, by the name of its model. */
export type StatelessMutant = Omit<ScenarioMutant, 'name' | 'model'> & { readonly model: DriverModel };

export function stateless(mutants: readonly StatelessMutant[]): ScenarioMutant[] {
  return mutants.map(({ model, ...rest }) => ({ ...rest, name: model.name, model: () => model }));
}

/** Good drivers of one kind, each behind a port that makes the mistake; `run` uses them. */
export function driverBehind<Handle>(
  name: string,
  good: Driver<Handle>,
  mistake: (port: GuestPort, bdf: number) => GuestPort,
  run: (handle: Handle, port: GuestPort) => void,
): DriverModel {
  return {
    name,
    drivers: [attachedBehind(good, mistake)],
    run: (port, handles) => {
      for (const handle of handles) if (handle !== undefined) run(handle as Handle, port);
    },
  };
}

/** A use of the reference drivers that takes every flush for done. */
export const ignoringFlush: Required<DriverUses>['flush'] = (...of) =>
  void mayGiveUp(() => referenceUses.flush!(...of));

/** The reference drivers with another use for a scenario. */
export function using(uses: DriverUses, interrupts: InterruptMode = 'polled'): DriverModel {
  return { ...referenceModel(interrupts), use: { ...referenceUses, ...uses } };
}

/** The reference drivers behind a port that makes a mistake for them; scenarios that need more than `run` are not for them. */
export function behindPort(
  mistake: (port: GuestPort, bdf: number) => GuestPort,
  interrupts: InterruptMode = 'polled',
  use: DriverUses = {},
): DriverModel {
  const drivers = referenceDrivers(interrupts).map((good: Driver<unknown>) => attachedBehind(good, mistake));
  return { name: 'mistaken', drivers, run: useDevices, use };
}

/** Private members of the handles. */
interface Insides {
  readonly card: {
    readonly receivers: readonly { readonly queue: Queue; readonly buffers: readonly number[] }[];
    readonly transmitters: readonly { readonly lent: Map<number, readonly number[]> }[];
  };
  readonly adapter: { readonly requests: Requests };
  poll(): void;
}
interface Queue {
  add(readable: readonly unknown[], writable: readonly unknown[]): number | null;
  drain(each: (id: number, length: number) => void): void;
}
export interface Requests {
  readonly queue: Queue;
  readonly pending: Map<number, unknown>;
  submit(unit: object, command: unknown, done: (answer: { readonly data: Uint8Array }) => void): boolean;
  kick(): void;
  serve(): void;
}

export function nicOf(handles: readonly unknown[]): Insides {
  return handles.find((handle) => handle instanceof NicDriver) as unknown as Insides;
}

export function hostOf(handles: readonly unknown[]): Insides {
  return handles.find((handle) => handle instanceof ScsiHost) as unknown as Insides;
}
