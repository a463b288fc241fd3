import { scripts } from '../script.proof.ts';
import type { INTERRUPT, PIC } from './pic.ts';
import { InterruptWatch, PicWatch } from './pic-watch.ts';

export const PIC_PROOFS = scripts<PicWatch, keyof typeof PIC>(
  (journal) => new PicWatch('pic master', 'master', journal),
  {
    'pic/INIT': {
      breaks: (pic) => pic.masked(0xfe, 0, 0, 0),
      keeps: (pic) => pic.masked(0xfe, 0x11, 0x04, 0x01),
    },
  },
);

export const INTERRUPT_PROOFS = scripts<InterruptWatch, keyof typeof INTERRUPT>(
  (journal) => new InterruptWatch(journal),
  {
    'pic/VECTOR': {
      breaks: (cpu) => cpu.taken(0x08, true),
      keeps: (cpu) => cpu.taken(0x20, false),
    },
    'pic/EOI': {
      breaks: (cpu) => cpu.returned(0x24, false),
      keeps: (cpu) => cpu.returned(0x24, true),
    },
  },
);
