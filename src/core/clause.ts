import { chipset } from './clauses/chipset.ts';
import { pci } from './clauses/pci.ts';
import { virtio } from './clauses/virtio.ts';
import { balloon } from './clauses/virtio-balloon.ts';
import { net, scsi } from './clauses/virtio-devices.ts';
import { modern } from './clauses/virtio-modern.ts';
import { packed } from './clauses/virtio-packed.ts';
import type { Clause } from './rule.ts';

/** Clauses of devices that still judge by themselves. */
export const CLAUSES = {
  ...chipset,
  ...pci,
  ...virtio,
  ...modern,
  ...packed,
  ...net,
  ...scsi,
  ...balloon,
} as const satisfies Record<string, Clause>;

/** A closed union: a misspelt clause does not compile. */
export type ClauseId = keyof typeof CLAUSES;
