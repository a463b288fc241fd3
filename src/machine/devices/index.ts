import type * as v from 'valibot';
import type { MachinePlan } from '../machine-plan.ts';
import { DEVICES, type Listed } from './all.devices.ts';
import type { AnyDescriptor, Site, VirtioKind } from './descriptor.ts';
import { withDisksAsNvme } from './nvme-options.ts';

type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Each) => void
  ? Each
  : never;
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

/** Those of which hosts can give a guest one alone. */
export const VIRTIO_DEVICES: readonly VirtioDescriptor[] = (DEVICES as readonly AnyDescriptor[]).filter(
  (descriptor): descriptor is VirtioDescriptor => 'virtio' in descriptor,
);

type VirtioDescriptor = AnyDescriptor & { readonly virtio: VirtioKind };

/** A device to build, with its settings. */
export interface PlannedDevice {
  readonly descriptor: AnyDescriptor;
  readonly settings: unknown;
}

export function planDevices(options: object, machine: MachinePlan): PlannedDevice[] {
  const descriptors: readonly AnyDescriptor[] = DEVICES;
  const given = machine.profile.disks === 'nvme' ? withDisksAsNvme(options) : options;
  return descriptors.map((descriptor) => ({ descriptor, settings: descriptor.plan(given, machine) }));
}

export function plugDevices(site: Site, devices: readonly PlannedDevice[]): Facades {
  const facades = devices.map(({ descriptor, settings }) => descriptor.plug(site, settings));
  return Object.assign({}, ...facades) as Facades;
}
