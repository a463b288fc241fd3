import type { DriverModel } from '../../src/conformance/index.ts';
import type { DriverUses } from '../../src/conformance/model/uses.ts';
import {
  referenceDrivers,
  referenceModel,
  referenceUses,
  useDevices,
} from '../../src/conformance/reference.ts';
import type { Driver } from '../../src/core/driver.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { type InterruptMode, NicDriver, ScsiHost } from '../../src/guest/index.ts';

/** A driver that passes every scenario but one. */
export interface Mistake {
  /** Ends the sentence "a driver that …". */
  readonly name: string;
  /** The scenario that finds it. */
  readonly scenario: string;
  /** The message that finds it. */
  readonly by: RegExp;
  /** Others that play the same act. */
  readonly also?: readonly string[];
  readonly model: () => DriverModel;
}

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
  const drivers = referenceDrivers(interrupts).map(
    (good): Driver<unknown> => ({ ...good, attach: (port, bdf) => good.attach(mistake(port, bdf), bdf) }),
  );
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
