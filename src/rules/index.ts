import type { Finding as FindingOf } from '../core/finding.ts';
import { type Clause, clausesOf } from '../core/rule.ts';
import { CLAUSES as ORDINARY } from './all.rules.ts';
import { HARD, type HardId } from './hard.ts';
import { STORES } from './virtio/stores/stores.ts';

/** A closed union: a misspelt clause does not compile. */
export type ClauseId = keyof typeof ORDINARY | HardId;

/** Clauses on what a guest stores to memory, and loads from it. */
export function isOnStores(clause: ClauseId): boolean {
  return Object.hasOwn(STORES, clause);
}

/** The guest broke a clause, once. */
export type Finding = FindingOf<ClauseId>;

/** What each clause says, for people. */
export const CLAUSES: Readonly<Record<ClauseId, Clause>> = { ...ORDINARY, ...clausesOf(HARD) };

/** Those by which a driver conforms. */
export const CLAUSE_IDS = Object.keys(ORDINARY) as ClauseId[];

/** Those by which it bears devices that lie. */
export const HARD_IDS = Object.keys(HARD) as ClauseId[];

export const ALL_IDS: readonly ClauseId[] = [...CLAUSE_IDS, ...HARD_IDS];
