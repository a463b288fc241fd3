import type * as v from 'valibot';
import type { Board } from '../../core/board.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import type { VIRTIO_ID } from '../../virtio/registers.ts';
import type { MachineEmitter } from '../events.ts';
import type { FirmwareKind } from '../firmware-option.ts';
import type { MachinePlan } from '../machine-plan.ts';
import type { Judge } from '../watches.ts';

/** How a function is plugged in. */
export interface Plugging<Fn extends PciFunction> {
  /** Default: the next that is free. */
  readonly slot?: number;
  /** Attaches a watch to its driver, on a machine that judges. */
  readonly watch?: (fn: Fn, judge: Judge) => void;
  /** What a firmware that boots from disks did with it, each time it runs. */
  readonly boot?: (port: GuestPort, kind: FirmwareKind) => void;
  /** Power has failed: what it stores may be lost. It was reset. */
  readonly powerCut?: () => void;
  /** Releases what the device holds of clock and host. */
  readonly close?: () => void;
}

/** What a device may use of its machine. */
export interface Site {
  readonly board: Board;
  readonly plan: MachinePlan;
  readonly events: MachineEmitter;
  /** @throws MisuseError for `path`, the member that was used, once the machine is closed. */
  checkOpen(path: string): void;
  /** @throws MisuseError when no slot is free. */
  plug<Fn extends PciFunction>(fn: Fn, how: Plugging<Fn>): void;
  /** Pulls it out, even in the middle of an operation. */
  unplug(fn: PciFunction): void;
}

/** What hosts and the command line call a virtio device. */
export interface VirtioKind {
  /** Its name in `guestrig serve --device`, and its device type. */
  readonly name: keyof typeof VIRTIO_ID;
  /** QEMU's name of its driver, without the bus: `virtio-rng` of `virtio-rng-pci`. */
  readonly driver: string;
  /** Options of a machine that has one. */
  readonly options: object;
}

/**
 * All that a machine knows of one kind of device. `devices/all.devices.ts` lists them; no other part of the machine, and no
 * host, names one that is like the others.
 *
 * @example
 * export const RNG: DeviceDescriptor<typeof options, Settings | null, object> = {
 *   options,                                        // { rng: v.optional(flag) }
 *   logged: options,                                // none of them names something of the host
 *   virtio: { name: 'rng', driver: 'virtio-rng', options: { rng: true } },
 *   plan: ({ rng }, { profile, virtio }) => (rng ? { ringSize: RING[profile.maker], ...virtio } : null),
 *   plug: (site, settings) => …                     // makes it, plugs it in, returns what the machine shows of it
 * };
 */
export interface DeviceDescriptor<Entries extends v.ObjectEntries, Settings, Facade extends object> {
  /** The machine options that configure it. */
  readonly options: Entries;
  /** Those of them that a log may set: no file, nothing else of the host, nothing that only code can supply. */
  readonly logged: v.ObjectEntries;
  /** Where hosts can give a guest one alone. */
  readonly virtio?: VirtioKind;
  /** Its settings, from the options, the profile and what all devices share. */
  plan(options: Given<Entries>, machine: MachinePlan): Settings;
  /** Makes it and plugs it in. @returns what the machine shows of it: properties and methods of `Machine`. */
  plug(site: Site, settings: Settings): Facade;
}

/** Options that were checked. */
export type Given<Entries extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>;

/** A descriptor of any kind. */
export interface AnyDescriptor {
  readonly options: v.ObjectEntries;
  readonly logged?: v.ObjectEntries;
  plan(options: object, machine: MachinePlan): unknown;
  plug(site: Site, settings: unknown): object;
}
