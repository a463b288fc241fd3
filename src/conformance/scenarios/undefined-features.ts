import type { Machine } from '../../machine/machine.ts';
import {
  foreignFeatures,
  RESERVED_FEATURES,
  UNDESCRIBED_FEATURES,
  VIRTIO_ID,
} from '../../virtio/registers.ts';

/** Whether devices offer undefined bits: twice they do not, then they do. */
const TURNS = [false, false, true];

/** Brings the drivers up by `start` on devices that offer undefined bits, and before that on the same without them. */
export function meetUndefinedFeatures(machine: Machine, start: () => void): void {
  for (const strange of TURNS) {
    machine.reset('power');
    for (const device of machine.virtio) {
      const type = device.name.startsWith('net') ? VIRTIO_ID.net : VIRTIO_ID.rng;
      const without = [...UNDESCRIBED_FEATURES, ...RESERVED_FEATURES, ...foreignFeatures(type)];
      device.offer({ without: strange ? [] : device.features.filter((bit) => without.includes(bit)) });
    }
    start();
  }
  machine.reset('power');
}
