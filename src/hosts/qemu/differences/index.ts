import type { ProfileName } from '../../../machine/profile.ts';
import type { Difference, Differing } from './difference.ts';
import { PCI } from './pci.ts';
import { PM } from './pm.ts';
import { QEMU_PC } from './qemu-pc.ts';
import { SCSI } from './scsi.ts';
import { UART } from './uart.ts';
import { VIRTIO } from './virtio.ts';

/** Each difference between our machine and QEMU's that is known, by the part of the machine. */
export const DIFFERENCES: Readonly<Record<string, readonly Difference[]>> = {
  'PCI configuration space': PCI,
  'Serial ports': UART,
  'PM timer and its registers': PM,
  'virtio registers': VIRTIO,
  'SCSI commands': SCSI,
  'The machine qemu-pc': QEMU_PC,
};
const ALL = Object.values(DIFFERENCES).flat();

/** Null if the difference is unknown. @param profile our machine's. */
export function explanationOf(answers: Differing, profile: ProfileName): Difference | null {
  const explains = ({ of = profile, at, when }: Difference) =>
    of === profile && at.test(answers.place) && (when?.(answers) ?? true);
  return ALL.find(explains) ?? null;
}

/** Why QEMU does not meet a requirement of the Compute Engine document, though its guest is right; null if unknown. */
export function differsFrom(requirement: string): string | null {
  return ALL.find((difference) => difference.requirement === requirement)?.said ?? null;
}
