import { MisuseError } from '../../core/misuse.ts';
import { GvnicFunction } from '../../gvnic/function.ts';
import { VIRTIO_DEVICES } from '../../machine/devices/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { NvmeFunction } from '../../nvme/function.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import { VIRTIO_ID } from '../../virtio/registers.ts';
import { VirtioFunction } from '../../virtio/transport/function.ts';

/** Those that are not virtio's: options of a machine that has one. */
const OTHERS = { gvnic: { nics: [{ type: 'gvnic' }] }, nvme: { nvme: [{}] } } as const;

/** The kinds of devices that can be served. */
export const SERVED_KINDS: readonly ServedKind[] = [
  ...VIRTIO_DEVICES.map(({ virtio }) => virtio.name),
  ...(Object.keys(OTHERS) as (keyof typeof OTHERS)[]),
];
/** A kind of device that can be served: `net`, `gvnic`, `nvme`, `scsi`, `rng` or `balloon`; of the others there is none yet. */
export type ServedKind = keyof typeof VIRTIO_ID | keyof typeof OTHERS;

/** Options of a machine that has a device of this kind. */
export function servedOptions(device: ServedKind): object {
  if (Object.hasOwn(OTHERS, device)) return OTHERS[device as keyof typeof OTHERS];
  return VIRTIO_DEVICES.find(({ virtio }) => virtio.name === device)!.virtio.options;
}

/** A device to serve, and its socket. */
export interface ServedDevice {
  /** Its kind, if the machine has one such; or the address of its function, as in `machine.functions`. */
  readonly device: ServedKind | number;
  /** The path of its socket. Nothing may exist there yet. */
  readonly socket: string;
}

/** Slots of a bus that a client has free. Those before are of its own bridges and its display. */
const SLOTS = Array.from({ length: 29 }, (_, slot) => slot + 3);

/** Moves what can be served from behind bridges to bus 0: a client shows it on a bus of its own, and no bridge of ours. */
export function withoutBridges(machine: Machine): void {
  const { bus } = machine.chassis;
  const free = SLOTS.filter((slot) => bus.at(slot << 3) === null);
  for (const fn of servable(machine)) {
    if (fn.bus === bus) continue;
    fn.bus!.remove(fn);
    bus.add(fn, free.shift()!);
  }
}

/** The functions of a machine that can be served. */
export function servable(machine: Machine): PciFunction[] {
  return machine.chassis.bus.all().filter((fn) => kindOf(fn) !== null);
}

/** @throws MisuseError for an invalid device, and for one that `machine` does not have or has several of. */
export function servedFunction(machine: Machine, device: ServedKind | number): PciFunction {
  const all = servable(machine);
  if (typeof device === 'number') {
    const there = all.find(({ bdf }) => bdf === device);
    if (there !== undefined) return there;
    throw new MisuseError('device', device, 'the address of a function that can be served');
  }
  if (!SERVED_KINDS.includes(device))
    throw new MisuseError('device', device, `one of ${SERVED_KINDS.join(', ')}`, SERVED_KINDS);
  const found = all.filter((fn) => kindOf(fn) === device);
  if (found.length !== 1)
    throw new MisuseError(
      'device',
      device,
      '',
      `the machine has ${found.length} of "${device}", and needs one`,
    );
  return found[0]!;
}

/** The kind of a function; null for one that cannot be served. */
function kindOf(fn: PciFunction): ServedKind | null {
  if (fn instanceof GvnicFunction) return 'gvnic';
  if (fn instanceof NvmeFunction) return 'nvme';
  if (!(fn instanceof VirtioFunction)) return null;
  const { virtioId } = fn.device;
  return (
    (Object.keys(VIRTIO_ID) as (keyof typeof VIRTIO_ID)[]).find((kind) => VIRTIO_ID[kind] === virtioId) ??
    null
  );
}
