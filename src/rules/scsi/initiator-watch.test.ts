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

test.each([
  [
    'the data before the response',
    [36, 108],
    'virtio/SCSI-IMP-2: scsi0: the last request has room for 36 bytes and then for 108, but the response, of 108, comes before the data',
  ],
  ['the response before the data', [108, 36], null],
  ['both in one', [144], null],
  ['a response in two pieces before the data', [12, 96, 36], null],
])('of a driver that has %s, that is suspected: %j', (_what, length, expected) => {
  const clock = { now: 0 };
  const watch = new InitiatorWatch(() => 'scsi0', UNITS, new Journal(clock, new AccessTrail(clock)));
  const pieces = { count: length.length, total: 144, length };

  played(['12 00 00 0024 00', { in: 36, pieces }])(watch);

  expect(watch.suspicion).toBe(expected);
});

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
