import { GuestMemory } from '../../core/memory.ts';
import { scripts } from '../script.proof.ts';
import { type RAM, RamWatch } from './ram.ts';

const BYTES = 1 << 20;

export const RAM_PROOFS = scripts<RamWatch, keyof typeof RAM>(
  (journal) => new RamWatch(GuestMemory.of(BYTES), journal),
  {
    'ram/OUTSIDE': {
      breaks: (ram) => ram.missed(BYTES, 4, true),
      keeps: (ram) => ram.touched(),
    },
  },
);
