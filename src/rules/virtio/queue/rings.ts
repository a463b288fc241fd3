import { PACKED } from './packed.ts';
import { RING } from './ring.ts';
import { SPLIT } from './split.ts';
import { SPLIT_INDIRECT } from './split-indirect.ts';

/** Every rule of rings, of both formats. */
export const RINGS = { ...RING, ...SPLIT, ...SPLIT_INDIRECT, ...PACKED } as const;
