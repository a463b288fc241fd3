import { PACKED } from './packed.ts';
import { SHARED } from './shared.ts';
import { SPLIT } from './split.ts';

export const MUTANTS = [...SPLIT, ...PACKED, ...SHARED];
