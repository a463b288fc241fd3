import { GuestMemory } from '../../core/memory.ts';
import { scripts } from '../script.proof.ts';
import { type ALLOCATIONS, Allocations, LentWatch } from './allocations.ts';

/** Whole pages apart. */
const [RING, BUFFER] = [0x10_0000, 0x10_8000];
const PAGE = 4096;

export const ALLOCATIONS_PROOFS = scripts<LentWatch, keyof typeof ALLOCATIONS>(
  (journal) => {
    const allocations = new Allocations(GuestMemory.of(2 << 20), journal);
    allocations.allocated(RING, PAGE);
    allocations.allocated(BUFFER, PAGE / 2);
    return new LentWatch(allocations, journal, () => 'net0');
  },
  {
    'ram/PAST-END': {
      breaks: (lent) => {
        lent.ring(RING, PAGE);
        lent.buffer(BUFFER, PAGE);
      },
      keeps: (lent) => {
        lent.ring(RING, PAGE);
        lent.buffer(BUFFER, PAGE / 2);
      },
    },
  },
);
