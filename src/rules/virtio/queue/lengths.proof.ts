import { scripts } from '../../script.proof.ts';
import { type LENGTHS, type LengthKnows, LengthWatch } from './lengths.ts';

function told(moves: LengthKnows['moves']) {
  const run = (lost: string | null) => (watch: LengthWatch) =>
    watch.moved({ subject: 'a device', moves, lost });
  return { breaks: run('3 of 24'), keeps: run(null) };
}

export const LENGTH_PROOFS = scripts<LengthWatch, keyof typeof LENGTHS>(
  (journal) => new LengthWatch(journal),
  { 'virtio/NET-OP-LEG-D2': told('frames'), 'virtio/SCSI-OP-LEG-D1': told('blocks') },
);
