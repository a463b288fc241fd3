import type { Machine } from './machine.ts';

/**
 * Called with every machine that is built; null is no listener. A test runner reports a machine's state by it, and
 * `guestrig conform --trace` records the run of the last one.
 */
export const onMade: { tell: ((machine: Machine) => void) | null } = { tell: null };
