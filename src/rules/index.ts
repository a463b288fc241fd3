import { CLAUSES as REST } from '../core/clause.ts';
import type { Finding as FindingOf } from '../core/journal.ts';
import type { Clause } from '../core/rule.ts';
import { UART } from './serial/uart.ts';
import { RINGS } from './virtio/queue/rings.ts';
import { STORES } from './virtio/stores/stores.ts';

/** Every rule there is, by the name of its clause. The names are what findings carry and what `waive` takes. */
export const RULES = { ...REST, ...UART, ...RINGS, ...STORES } as const;

/** A closed union: a misspelt clause does not compile. */
export type ClauseId = keyof typeof RULES;

/** The guest broke a clause, once. */
export type Finding = FindingOf<ClauseId>;

/** What each clause says, for people. */
export const CLAUSES: Readonly<Record<ClauseId, Clause>> = RULES;

export const CLAUSE_IDS = Object.keys(RULES) as ClauseId[];
