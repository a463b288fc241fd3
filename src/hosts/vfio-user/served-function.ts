import { MisuseError } from '../../core/misuse.ts';
import { VIRTIO_DEVICES } from '../../machine/devices/index.ts';
import type { Machine } from '../../machine/machine.ts';
import { VIRTIO_ID } from '../../virtio/registers.ts';
import { VirtioFunction } from '../../virtio/transport/function.ts';

/** The kinds of devices that can be served. */
export const SERVED_KINDS: readonly ServedKind[] = VIRTIO_DEVICES.map(({ virtio }) => virtio.name);
/** A kind of device that can be served: `net`, `scsi`, `rng` or `balloon`; of the others there is none yet. */
export type ServedKind = keyof typeof VIRTIO_ID;

/** Options of a machine that has a device of this kind. */
export function servedOptions(device: ServedKind): object {
  return VIRTIO_DEVICES.find(({ virtio }) => virtio.name === device)!.virtio.options;
}

/** A device to serve, and its socket. */
export interface ServedDevice {
  /** Its kind, if the machine has one such; or the address of its function, as in `machine.functions`. */
  readonly device: ServedKind | number;
  /** The path of its socket. Nothing may exist there yet. */
  readonly socket: string;
}

/** @throws MisuseError for an invalid device, and for one that `machine` does not have or has several of. */
export function servedFunction(machine: Machine, device: ServedKind | number): VirtioFunction {
  const all = machine.chassis.bus.all().filter((fn) => fn instanceof VirtioFunction);
  if (typeof device === 'number') {
    const there = all.find(({ bdf }) => bdf === device);
    if (there !== undefined) return there;
    throw new MisuseError('device', device, 'the address of a virtio function');
  }
  if (!SERVED_KINDS.includes(device))
    throw new MisuseError('device', device, `one of ${SERVED_KINDS.join(', ')}`, SERVED_KINDS);
  const found = all.filter((fn) => fn.device.virtioId === VIRTIO_ID[device]);
  if (found.length !== 1)
    throw new MisuseError(
      'device',
      device,
      '',
      `the machine has ${found.length} of "${device}", and needs one`,
    );
  return found[0]!;
}
