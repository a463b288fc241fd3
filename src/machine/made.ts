import type { Machine } from './machine.ts';

/** Who is told of every machine that is made; null is nobody. A test runner wants to know, to tell of them when a test fails. */
export const made: { tell: ((machine: Machine) => void) | null } = { tell: null };
