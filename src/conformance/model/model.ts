import type { Driver, FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Machine } from '../../machine/machine.ts';
import { type DeviceKind, typesOf, VIRTIO_KINDS } from './kinds.ts';
import { type DriverUses, USE_NAMES, USES } from './uses.ts';

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

/** What is attached to functions: the model's drivers, ours, or none, as for an enumeration alone. */
export function attachedBy({ drivers, run, use }: DriverModel): Drivers | 'ours' | null {
  if (drivers !== undefined) return drivers;
  if (run === undefined && use === undefined) return null;
  return isOfNoFunction(kindsOfUses(use)) ? [] : 'ours';
}

/** The devices that a model is for: scenarios and clauses of others do not concern it. */
interface Drives {
  readonly kinds: readonly DeviceKind[];
  /** Its `run` is without drivers, and may use any device: only its accesses show which. */
  readonly isOpen: boolean;
}

export function drivesOf(model: DriverModel): Drives {
  const attached = attachedBy(model);
  const used = kindsOfUses(model.use);
  const isOpen = attached?.length === 0 && model.run !== undefined && !isOfNoFunction(used);
  const types = Array.isArray(attached) && !isOpen ? typesOf(attached) : VIRTIO_KINDS;
  const uses = used.map((kind) =>
    types.includes(kind as (typeof types)[number]) ? kind : otherOf(kind, types),
  );
  return { kinds: [...new Set([...types, ...uses])], isOpen };
}

/** A frame of a driver of gVNICs is a gVNIC's, and a block of one of NVMe controllers is theirs, if there is no other. */
function otherOf(kind: DeviceKind, types: readonly DeviceKind[]): DeviceKind {
  if (kind === 'net' && types.includes('gvnic')) return 'gvnic';
  return kind === 'scsi' && types.includes('nvme') ? 'nvme' : kind;
}

function kindsOfUses(use: DriverUses = {}): DeviceKind[] {
  return USE_NAMES.filter((name) => use[name] !== undefined).flatMap((name) => USES[name].of ?? []);
}

function isOfNoFunction(used: readonly DeviceKind[]): boolean {
  return used.length > 0 && used.every((kind) => kind === 'serial' || kind === 'kvm');
}
