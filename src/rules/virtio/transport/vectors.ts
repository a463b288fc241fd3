import type { Mark } from '../../../core/access.ts';
import type { Register } from '../../../core/register.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { NO_VECTOR } from '../../../virtio/registers.ts';

/** What the rules know of interrupts. */
export interface VectorKnows extends Knows {
  /** MSI-X is enabled. */
  readonly msix: boolean;
  /** Entries of its table. */
  readonly vectors: number;
  readonly vector: number;
  /** The vector register that was written last, and whether it was not read back. */
  readonly mapped: Register | null;
  readonly unread: boolean;
  readonly mappedAt: Mark;
  /** ISR is read now. */
  readonly isrRead: boolean;
}

/** `mapped`: a vector register is written; `left`: the driver goes on to another queue or status. */
export type VectorMoment = 'mapped' | 'left' | 'interrupted' | 'isr';

const VECTORS = 'virtio 1.4, MSI-X Vector Configuration';

/** Rules of vectors and of ISR. */
export const VECTOR_RULES = {
  'virtio/MSIX-D2': {
    strength: 'MUST NOT',
    where: VECTORS,
    text: 'Vector numbers stay inside the MSI-X table',
    advice: 'Use vectors below the table size, or ffff for none.',
    on: 'mapped',
    kept: (k) => k.vector === NO_VECTOR || k.vector < k.vectors,
    said: (k) => `vector ${k.vector} was asked for, and the MSI-X table has ${k.vectors} entries`,
  },
  'virtio/MSIX-D3': {
    strength: 'MUST',
    where: VECTORS,
    text: 'Read the vector field back after mapping',
    advice: 'Read the vector register back: ffff says that the device has none to give.',
    on: 'left',
    when: (k) => k.msix && k.mapped !== null,
    kept: (k) => !k.unread,
    said: (k) => `${k.mapped!.name} was written and not read back`,
    since: (k) => k.mappedAt,
  },
  'virtio/PCI-ISR-D1': {
    strength: 'SHOULD NOT',
    where: 'virtio 1.4, ISR status capability',
    text: 'With MSI-X on, do not touch ISR on a queue interrupt',
    advice: 'With MSI-X, let the vector tell what happened; ISR says nothing then.',
    on: ['interrupted', 'isr'],
    when: (k) => k.msix,
    kept: (k) => !k.isrRead,
    said: () => 'ISR was read while MSI-X was enabled',
  },
} as const satisfies Rules<VectorKnows, VectorMoment>;
