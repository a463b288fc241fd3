import { LIVING } from './living.ts';
import type { Mistake } from './mistake.ts';
import { MOVING } from './moving.ts';

export type { Mistake };
export const MISTAKES: readonly Mistake[] = [...MOVING, ...LIVING];
