import { scripts } from '../script.proof.ts';
import { BusyWatch, type LINES, LineWatch, STORM, type WAITING } from './live.ts';

export const LINE_PROOFS = scripts<LineWatch, keyof typeof LINES>((journal) => new LineWatch(journal), {
  'live/LINE-SERVED': {
    breaks: (lines) => {
      for (let i = 0; i <= STORM; i++) lines.taken(11, 0x2b, true);
    },
    keeps: (lines) => {
      for (let i = 0; i <= STORM; i++) lines.taken(11, 0x2b, false);
    },
  },
});

export const WAITING_PROOFS = scripts<BusyWatch, keyof typeof WAITING>(
  (journal) => new BusyWatch(journal, () => true),
  {
    'live/BUSY-WAIT': {
      breaks: (busy) => busy.asked(10_000, 'port c052: net0 Device Status → 07'),
      keeps: (busy) => busy.asked(0, ''),
    },
  },
);
