export type { Clause } from '../rule.ts';
