import type * as v from 'valibot';
import type { MachinePlan } from '../machine-plan.ts';
import { BALLOON } from './balloon.ts';
import type { AnyDescriptor, Site } from './descriptor.ts';
import { DISPLAY } from './display.ts';
import { NET } from './net.ts';
import { RNG } from './rng.ts';
import { SCSI } from './scsi.ts';
import { STRANGERS } from './strangers.ts';

/** Every kind of device, in the order in which they are plugged in. */
const DEVICES = [SCSI, NET, DISPLAY, BALLOON, RNG, STRANGERS] as const satisfies readonly Listed[];

type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Each) => void
  ? Each
  : never;
/** By name, and not `(typeof DEVICES)[number]`: that would lose each option's docstring in the package's types. */
type Listed = typeof SCSI | typeof NET | typeof DISPLAY | typeof BALLOON | typeof RNG | typeof STRANGERS;

/** The members that devices add to a machine. */
export type Facades = All<ReturnType<Listed['plug']>>;
export type DeviceEntries = All<Listed['options']>;

/** The options of all of them. */
export const DEVICE_OPTIONS = Object.assign({}, ...DEVICES.map(({ options }) => options)) as DeviceEntries &
  v.ObjectEntries;

/** The options of all of them that a log may set. */
export const LOGGED_DEVICE_OPTIONS: v.ObjectEntries = Object.assign(
  {},
  ...DEVICES.map(({ logged }) => logged),
);

/** A device to build, with its settings. */
export interface PlannedDevice {
  readonly descriptor: AnyDescriptor;
  readonly settings: unknown;
}

export function planDevices(options: object, machine: MachinePlan): PlannedDevice[] {
  const descriptors: readonly AnyDescriptor[] = DEVICES;
  return descriptors.map((descriptor) => ({ descriptor, settings: descriptor.plan(options, machine) }));
}

export function plugDevices(site: Site, devices: readonly PlannedDevice[]): Facades {
  const facades = devices.map(({ descriptor, settings }) => descriptor.plug(site, settings));
  return Object.assign({}, ...facades) as Facades;
}
