import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { NOBODY_AT_0, played, REPORT, UNITS } from './initiator.proof.ts';
import { InitiatorWatch } from './initiator-watch.ts';

const SECOND = 1_000_000_000;

/** Clauses that are broken at the end of a run in which these commands were sent, and a time passed behind them. */
function broken(commands: readonly (typeof NOBODY_AT_0 | typeof REPORT)[], time = 0): string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const watch = new InitiatorWatch(() => 'scsi0', UNITS, journal);
  played(...commands)(watch);
  clock.now += time;
  watch.ended();
  return journal.findings.map(({ clause }) => clause);
}

describe('who finds nothing at target 0', () => {
  test('is not asked for more if the run ends there', () => {
    expect(broken([NOBODY_AT_0])).toEqual([]);
  });

  test('goes on to others', () => {
    expect(broken([NOBODY_AT_0, REPORT], SECOND)).toEqual([]);
  });

  test('has looked at one target alone if it asks that again', () => {
    expect(broken([NOBODY_AT_0, NOBODY_AT_0])).toEqual(['gce/FIRST-TARGET']);
  });

  test('has looked at one target alone if it had time for more', () => {
    expect(broken([NOBODY_AT_0], SECOND)).toEqual(['gce/FIRST-TARGET']);
  });
});
