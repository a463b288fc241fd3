import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { NOBODY_AT_0, played, REPORT, UNITS } from './initiator.proof.ts';
import { InitiatorWatch } from './initiator-watch.ts';

const SECOND = 1_000_000_000;

/** Clauses broken at the end of a run in which these commands were sent and `time` passed after them. */
function broken(commands: readonly (typeof NOBODY_AT_0 | typeof REPORT)[], time = 0): string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const watch = new InitiatorWatch(() => 'scsi0', UNITS, journal);
  played(...commands)(watch);
  clock.now += time;
  watch.ended();
  return journal.findings.map(({ clause }) => clause);
}

describe('a driver that finds nothing at target 0', () => {
  test('breaks nothing if the run ends there', () => {
    expect(broken([NOBODY_AT_0])).toEqual([]);
  });

  test('breaks nothing if it goes on to others', () => {
    expect(broken([NOBODY_AT_0, REPORT], SECOND)).toEqual([]);
  });

  test('breaks gce/FIRST-TARGET if it asks target 0 again', () => {
    expect(broken([NOBODY_AT_0, NOBODY_AT_0])).toEqual(['gce/FIRST-TARGET']);
  });

  test('breaks gce/FIRST-TARGET if it had time for more', () => {
    expect(broken([NOBODY_AT_0], SECOND)).toEqual(['gce/FIRST-TARGET']);
  });
});
