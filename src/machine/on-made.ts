import type { Machine } from './machine.ts';

/**
 * Called with every machine that is built; null is no listener. A test runner uses it, to report a machine's state when a
 * test fails.
 */
export const onMade: { tell: ((machine: Machine) => void) | null } = { tell: null };
