import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';

/** In which line of a log each clause was broken first. */
export type FindingLines = ReadonlyMap<ClauseId, number>;

/** @param line the line that is being done. */
export function findingLines(machine: Machine, line: () => number): FindingLines {
  const lines = new Map<ClauseId, number>();
  machine.events.on('finding', ({ clause }) => {
    if (!lines.has(clause)) lines.set(clause, line());
  });
  return lines;
}
