import { chipset } from './clauses/chipset.ts';
import { gce } from './clauses/gce.ts';
import { pci } from './clauses/pci.ts';
import type { Clause, Severity, Strength } from './clauses/shape.ts';
import { virtio } from './clauses/virtio.ts';

export type { Clause, Severity, Strength };

import { balloon } from './clauses/virtio-balloon.ts';
import { net, scsi } from './clauses/virtio-devices.ts';
import { modern } from './clauses/virtio-modern.ts';
import { packed } from './clauses/virtio-packed.ts';

/** Every clause that something here checks. The keys are what `waive` and findings name. */
export const CLAUSES = {
  ...chipset,
  ...pci,
  ...virtio,
  ...modern,
  ...packed,
  ...net,
  ...scsi,
  ...balloon,
  ...gce,
} as const satisfies Record<string, Clause>;

/** A closed union: a misspelt clause does not compile. */
export type ClauseId = keyof typeof CLAUSES;

export const CLAUSE_IDS = Object.keys(CLAUSES) as ClauseId[];

export function clause(id: ClauseId): Clause {
  return CLAUSES[id];
}

export function severityOf(strength: Strength): Severity {
  switch (strength) {
    case 'MUST':
    case 'MUST NOT':
      return 'must';
    case 'SHOULD':
    case 'SHOULD NOT':
      return 'should';
    case 'NOTE':
      return 'note';
  }
}
