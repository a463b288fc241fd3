import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';

/** The line of a log in which each clause was first broken. */
export type FindingLines = ReadonlyMap<ClauseId, number>;

/** @param line the line that is being replayed. */
export function findingLines(machine: Machine, line: () => number): FindingLines {
  const lines = new Map<ClauseId, number>();
  machine.events.on('finding', ({ clause }) => {
    if (!lines.has(clause)) lines.set(clause, line());
  });
  return lines;
}
