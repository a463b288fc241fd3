import type { Finding as FindingOf } from '../core/finding.ts';
import type { Clause } from '../core/rule.ts';
import { RULES } from './all.rules.ts';
import { STORES } from './virtio/stores/stores.ts';

/** A closed union: a misspelt clause does not compile. */
export type ClauseId = keyof typeof CLAUSES;

/** Clauses on what a guest stores to memory, and loads from it. */
export function isOnStores(clause: ClauseId): boolean {
  return Object.hasOwn(STORES, clause);
}

/** The guest broke a clause, once. */
export type Finding = FindingOf<ClauseId>;

/** What each clause says, for people. */
export const CLAUSES = clausesOf(RULES);

export const CLAUSE_IDS = Object.keys(RULES) as ClauseId[];

/** Keeps the package's declarations to the names, without the types of what rules know. */
function clausesOf<Id extends string>(rules: Readonly<Record<Id, Clause>>): Readonly<Record<Id, Clause>> {
  return rules;
}
