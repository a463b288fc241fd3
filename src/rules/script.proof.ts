import { AccessTrail } from '../core/access.ts';
import { Journal } from '../core/journal.ts';

/** Calls to a watch, without a device: one run that breaks this rule alone, and one that keeps it. */
export interface Script<Watch> {
  readonly breaks: (watch: Watch) => void;
  readonly keeps: (watch: Watch) => void;
}

/** The time of a script. It stands still until the script advances it. */
export interface ScriptClock {
  now: number;
}

/** A script, played: the clauses broken, and those met. */
interface Played {
  readonly broken: readonly string[];
  readonly met: (clause: string) => boolean;
}

/** Both runs of the script of one clause. */
export interface Proof {
  readonly breaks: () => Played;
  readonly keeps: () => Played;
}

/** One script for each row of a table; `make` makes a fresh watch. */
export function scripts<Watch, Id extends string>(
  make: (journal: Journal, clock: ScriptClock) => Watch,
  rows: Readonly<Record<Id, Script<Watch>>>,
): Readonly<Record<Id, Proof>> {
  const run = (script: (watch: Watch) => void) => () => playScript(make, script);
  const proofs = Object.entries<Script<Watch>>(rows).map(([id, { breaks, keeps }]) => [
    id,
    { breaks: run(breaks), keeps: run(keeps) },
  ]);
  return Object.fromEntries(proofs);
}

function playScript<Watch>(
  make: (journal: Journal, clock: ScriptClock) => Watch,
  script: (watch: Watch) => void,
): Played {
  const clock: ScriptClock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  script(make(journal, clock));
  const broken = [...new Set(journal.findings.map(({ clause }) => clause))];
  return { broken, met: (clause) => journal.reached(clause) };
}
