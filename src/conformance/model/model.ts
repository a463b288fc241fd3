import type { Driver, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { GVNIC_ID } from '../../gvnic/registers/bar0.ts';
import type { Machine } from '../../machine/machine.ts';
import { type DeviceKind, type DriverUses, USE_NAMES, USES, type UseName } from './uses.ts';

type Drivers = readonly Driver<unknown>[];
type HandleOf<D> = D extends Driver<infer Handle> ? Handle : never;

/**
 * The handles of the functions that were attached: first one for each driver, in the drivers' order, undefined where it
 * matched none; behind them those of further functions, in the order of their address. A model's only driver has one.
 */
export type HandlesOf<D extends Drivers> = D extends readonly [Driver<infer Handle>]
  ? readonly [Handle, ...Handle[]]
  : number extends D['length']
    ? readonly (HandleOf<D[number]> | undefined)[]
    : readonly [...{ [I in keyof D]: HandleOf<D[I]> | undefined }, ...HandleOf<D[number]>[]];

/**
 * The model that `judge` judges: any part may be the user's, guestrig supplies the rest. If only the enumeration is the
 * user's, our guest uses every part of the machine. Nothing in it is asynchronous.
 *
 * @example
 * judge({ name: 'mine', drivers: [myNic], run: (_port, [nic]) => nic.send(frame) });
 *
 * const model = {                          // one that is kept names its drivers, so that handles have their types
 *   name: 'mine',
 *   drivers: [myNic],
 *   run: (_port, [nic]) => nic.send(frame),
 * } satisfies DriverModel<[typeof myNic]>;
 */
export interface DriverModel<D extends Drivers = Drivers> {
  readonly name: string;
  /** Scans the bus. Ours, if left out. */
  enumerate?(port: GuestPort): readonly FoundFunction[];
  /** Ours, if left out. None, for a guest that uses no PCI function, as one whose `use` is of serial ports alone. */
  readonly drivers?: D;
  /**
   * Uses the drivers. `machine` has the other end: frames, disks, keys. Left out, a frame is sent, frames are received,
   * a block is read, a line is printed and a key looked for, if `use` has these. In the suite, `machine` ends with the
   * run: its RAM then goes to the next one.
   */
  run?(port: GuestPort, handles: HandlesOf<D>, machine: Machine): void;
  /** Single operations that scenarios of the suite call: `{ send: (frame, [nic]) => nic.send(frame) }`. */
  readonly use?: DriverUses<HandlesOf<D>>;
}

/** The model has neither drivers nor a use of them: all but the enumeration is ours. */
export function isEnumeration({ drivers, run, use }: DriverModel): boolean {
  return drivers === undefined && run === undefined && use === undefined;
}

/** Its own drivers, or none; undefined for ours. */
export function driversOf({ drivers, use }: DriverModel): Drivers | undefined {
  const uses = usesOf(use);
  const isSerial = uses.length > 0 && uses.every((name) => USES[name].of === 'serial');
  return drivers ?? (isSerial ? [] : undefined);
}

/** What a model drives: scenarios and clauses of other devices do not concern it. */
export function kindsOf(model: DriverModel): DeviceKind[] {
  const drivers = driversOf(model);
  const onlyGvnic = drivers !== undefined && drivers.length > 0 && drivers.every(isGvnic);
  const card: DeviceKind = onlyGvnic ? 'gvnic' : 'virtio';
  const used = usesOf(model.use).flatMap((name) => USES[name].of ?? []);
  const kinds = new Set(used.map((kind) => (kind === 'nic' ? card : kind)));
  if (drivers?.some(isGvnic)) kinds.add('gvnic');
  if ((drivers?.length !== 0 && !onlyGvnic) || mayDriveByItself(model)) kinds.add('virtio');
  return [...kinds];
}

const { vendor, device, subsystem, class: pciClass } = GVNIC_ID;
const GVNIC = { vendor, device, class: pciClass, revision: 0, subsystemVendor: vendor, subsystem };

/** Asked here first, it may throw. */
function isGvnic(driver: Driver<unknown>): boolean {
  try {
    return driver.matches(GVNIC);
  } catch {
    return false;
  }
}

/** Its `run` is all there is of it, and may use any device. */
export function mayDriveByItself({ drivers, run, use }: DriverModel): boolean {
  return (
    run !== undefined && drivers?.length === 0 && usesOf(use).every((name) => USES[name].of === undefined)
  );
}

/** Those that are given. */
function usesOf(use: DriverUses = {}): UseName[] {
  return USE_NAMES.filter((name) => use[name] !== undefined);
}
