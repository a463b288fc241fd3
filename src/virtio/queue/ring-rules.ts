import type { ClauseId } from '../../core/clause.ts';
import type { Journal } from '../../core/journal.ts';

/** What every chain that a queue takes has been checked for. */
const WALKED: readonly ClauseId[] = [
  'virtio/VQ-AVAIL-D1',
  'virtio/VQ-IMP-3',
  'virtio/VQ-IMP-4',
  'virtio/VQ-IMP-21',
  'virtio/VQ-DESC-D1',
  'virtio/VQ-FRAME-D1',
  'virtio/VQ-IND-D1',
  'virtio/VQ-IND-D3',
];

/** When a ring first runs dry: the rules it has come through. */
export function meetRingRules(journal: Journal): void {
  for (const clause of WALKED) journal.met(clause);
}

/** Whenever a ring runs dry: the driver's flags. */
export function checkAvailFlags(journal: Journal, subject: string, flags: number, eventIdx: boolean): void {
  const clause = eventIdx ? 'virtio/VQ-USEDSUP-D2' : 'virtio/VQ-USEDSUP-D1';
  journal.met(clause);
  if (flags > (eventIdx ? 0 : 1)) journal.report(clause, subject, `avail.flags is ${flags}`);
}

const PACKED_WALKED: readonly ClauseId[] = [
  'virtio/PACKED-SG-D2',
  'virtio/PACKED-SG-D3',
  'virtio/PACKED-SG-D6',
  'virtio/PACKED-IMP-8',
  'virtio/PACKED-IND-D1',
  'virtio/PACKED-IND-D2',
  'virtio/VQ-IMP-21',
];

/** The same for a packed ring; `flags` are those of the driver's event structure. */
export function meetPackedRules(journal: Journal, subject: string, flags: number, eventIdx: boolean): void {
  for (const clause of PACKED_WALKED) journal.met(clause);
  journal.met('virtio/PACKED-IMP-11');
  if (flags > (eventIdx ? 2 : 1))
    journal.report('virtio/PACKED-IMP-11', subject, `the flags of the driver's event structure are ${flags}`);
}
