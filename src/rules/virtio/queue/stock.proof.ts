import type { Journal } from '../../../core/journal.ts';
import { type Script, scripts } from '../../script.proof.ts';
import { type STOCK, StockWatch } from './stock.ts';

const SECOND = 1_000_000_000;
const QUEUE = { subject: 'queue' };
type Both = Record<'frames' | 'events', StockWatch>;

const make = (journal: Journal): Both => ({
  frames: new StockWatch('frames', journal),
  events: new StockWatch('events', journal),
});

function ends(holds: keyof Both, bad: readonly [stocked: boolean, empty: number]): Script<Both> {
  return {
    breaks: (watches) => watches[holds].ended(QUEUE, ...bad),
    keeps: (watches) => watches[holds].ended(QUEUE, true, SECOND / 100),
  };
}

export const STOCK_PROOFS = scripts<Both, keyof typeof STOCK>(make, {
  'virtio/VQ-IMP-36': {
    breaks: ({ frames }) => frames.ended(QUEUE, true, SECOND + 1, { unseen: true, held: 'it is masked' }),
    keeps: ({ frames }) => frames.ended(QUEUE, true, SECOND / 100, { unseen: true, held: 'it is masked' }),
  },
  'virtio/NET-RXB-D5': ends('frames', [true, SECOND + 1]),
  'virtio/SCSI-INIT-D2': ends('events', [false, 0]),
  'virtio/SCSI-EVT-D1': ends('events', [true, SECOND + 1]),
});
