import type { Finding as FindingOf } from '../core/finding.ts';
import { CLAUSES } from './all.rules.ts';
import { STORES } from './virtio/stores/stores.ts';

/** A closed union: a misspelt clause does not compile. */
export type ClauseId = keyof typeof CLAUSES;

/** Clauses on what a guest stores to memory, and loads from it. */
export function isOnStores(clause: ClauseId): boolean {
  return Object.hasOwn(STORES, clause);
}

/** The guest broke a clause, once. */
export type Finding = FindingOf<ClauseId>;

export { CLAUSES };

export const CLAUSE_IDS = Object.keys(CLAUSES) as ClauseId[];
