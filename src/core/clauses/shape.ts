export type { Clause, Severity, Strength } from '../rule.ts';
