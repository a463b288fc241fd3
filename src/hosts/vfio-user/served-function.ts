import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import { VIRTIO_ID } from '../../virtio/registers.ts';
import { VirtioFunction } from '../../virtio/transport/function.ts';

/** The kinds of devices that a client can be given. */
export const SERVED_KINDS = ['net', 'scsi', 'rng', 'balloon'] as const;
/** A kind of device that a client can be given: `net`, `scsi`, `rng` or `balloon`. */
export type ServedKind = (typeof SERVED_KINDS)[number];

/** A device that a client is given, and where. */
export interface ServedDevice {
  /** Of what kind it is, where the machine has one such; or the address of its function, as `machine.functions` tells it. */
  readonly device: ServedKind | number;
  /** The path of the socket that the client is told of. Nothing may be there yet. */
  readonly socket: string;
}

/** @throws MisuseError for what is no device, and for one that `machine` has not or has several of. */
export function servedFunction(machine: Machine, device: ServedKind | number): VirtioFunction {
  const all = machine.chassis.bus.all().filter((fn) => fn instanceof VirtioFunction);
  if (typeof device === 'number') {
    const there = all.find(({ bdf }) => bdf === device);
    if (there !== undefined) return there;
    throw new MisuseError('device', device, 'the address of a virtio function');
  }
  if (!SERVED_KINDS.includes(device)) throw new MisuseError('device', device, SERVED_KINDS.join(', '));
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
