import type { Mutant } from './mutant.ts';

const file = 'split-queue.ts';

export const SPLIT: readonly Mutant[] = [
  {
    file,
    what: 'a jump of avail.idx is followed',
    find: 'if (pending === 0 || pending > size)',
    replace: 'if (pending === 0)',
  },
];
