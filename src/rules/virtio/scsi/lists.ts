import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';

/** What the rules know of a request's data, in a packed ring. */
export interface ListKnows extends Knows {
  /** Of data, in the direction that has more. */
  readonly pieces: number;
  /** They stand in an indirect table. */
  readonly table: boolean;
  /** What the device allows. */
  readonly seg_max: number;
}

/** Rules of how long a list may be: of our devices, the SCSI adapter is one that says so. */
export const SCSI_LISTS = {
  'virtio/PACKED-SG-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Scatter-Gather Support (packed)',
    text: 'A list is not longer than the device allows',
    advice: 'Split the transfer: a SCSI adapter says in seg_max how many data segments a request may have.',
    on: 'in pieces',
    when: (k) => !k.table,
    kept,
    said: (k) => `a list has ${k.pieces} data segments in one direction, and seg_max is ${k.seg_max}`,
  },
  'virtio/PACKED-IND-D3': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Indirect Descriptors (packed)',
    text: 'What an indirect table lists is not longer than the device allows',
    advice: 'Split the transfer: a table has no more data segments in it than seg_max says.',
    on: 'in pieces',
    when: (k) => k.table,
    kept,
    said: (k) => `a table has ${k.pieces} data segments in one direction, and seg_max is ${k.seg_max}`,
  },
} as const satisfies Rules<ListKnows, 'in pieces'>;

function kept({ pieces, seg_max }: ListKnows): boolean {
  return pieces <= seg_max;
}
