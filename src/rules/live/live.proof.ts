import { scripts } from '../script.proof.ts';
import { BusyWatch, type LINES, LineWatch, STORM, type WAITING } from './live.ts';
import { type UNHEARD, UnheardWatch } from './unheard.ts';

/** Longer than any driver polls. */
const A_WHILE = 100_000_000;

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

const VECTOR = 0x24;
const QUIET = true;
const HELD = {
  vector: VECTOR,
  said: 'IRQ 4 is requested, and masked at pic master and at pin 4 of the IOAPIC',
};

export const UNHEARD_PROOFS = scripts<UnheardWatch, keyof typeof UNHEARD>(
  (journal) =>
    new UnheardWatch(
      { handles: () => true, heldBack: (handles) => (handles(VECTOR) ? HELD : null) },
      journal,
    ),
  {
    'live/UNHEARD': {
      breaks: (cpu) => {
        cpu.waitedInVain(A_WHILE, QUIET);
        cpu.ended();
      },
      keeps: (cpu) => {
        cpu.waitedInVain(A_WHILE, QUIET);
        cpu.taken(VECTOR, true);
        cpu.ended();
      },
    },
  },
);

export const WAITING_PROOFS = scripts<BusyWatch, keyof typeof WAITING>(
  (journal) => new BusyWatch(journal, () => true),
  {
    'live/BUSY-WAIT': {
      breaks: (busy) => busy.asked(10_000, 'port c052: net0 Device Status → 07'),
      keeps: (busy) => busy.asked(0, ''),
    },
  },
);
