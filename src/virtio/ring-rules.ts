import type { ClauseId } from '../core/clause.ts';
import type { Journal } from '../core/journal.ts';

/** What every chain that a queue takes has been checked for. */
const WALKED: readonly ClauseId[] = [
  'virtio/VQ-AVAIL-D1',
  'virtio/VQ-IMP-3',
  'virtio/VQ-IMP-4',
  'virtio/VQ-IMP-21',
  'virtio/VQ-DESC-D1',
  'virtio/VQ-FRAME-D1',
  'virtio/VQ-IND-D3',
];

/** Once in a ring's life, when it first runs dry: the rules it has come through, and the driver's flags. */
export function meetRingRules(journal: Journal, subject: string, flags: number, eventIdx: boolean): void {
  for (const clause of WALKED) journal.met(clause);
  const clause = eventIdx ? 'virtio/VQ-USEDSUP-D2' : 'virtio/VQ-USEDSUP-D1';
  journal.met(clause);
  if (flags > (eventIdx ? 0 : 1)) journal.report(clause, subject, `avail.flags is ${flags}`);
}
