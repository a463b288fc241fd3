import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import { VIRTIO_ID } from '../../virtio/registers.ts';
import { VirtioFunction } from '../../virtio/transport/function.ts';

export const SERVED_DEVICES = ['net', 'scsi', 'rng', 'balloon'] as const;
/** What kind of device a client is given. */
export type ServedDevice = (typeof SERVED_DEVICES)[number];

/** @throws MisuseError for what is no kind of device, and for one that `machine` has not or has several of. */
export function servedFunction(machine: Machine, device: ServedDevice): VirtioFunction {
  if (!SERVED_DEVICES.includes(device)) throw new MisuseError('device', device, SERVED_DEVICES.join(', '));
  const all = machine.chassis.bus.all().filter((fn) => fn instanceof VirtioFunction);
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
