import { expect, test } from 'vitest';
import { EndlessLoopError } from '../../machine/patience.ts';
import { HostTimeError, OutOfTimeError } from '../host/errors.ts';
import { RunFilter } from './run-filter.ts';

const SPINS = new EndlessLoopError('port', 0x3fd, 0x60, 'ttyS0', 1_000_000);
const run = (scenario: string, stopped: unknown, accesses = 1_000_000) => ({
  scenario,
  seed: 1,
  stopped,
  suspected: null,
  time: 0,
  accesses,
  verdicts: [],
});
const after = (...runs: readonly ReturnType<typeof run>[]) => {
  const course = new RunFilter();
  for (const each of runs) course.note(each);
  return course;
};

test.each([
  ['came to its end', null],
  ['threw', new Error('sick')],
])('a driver that %s is played on', (_, stopped) => {
  const course = after(run('one', stopped, 10_000_000));

  expect(course.skips({ scenario: 'one', seed: 2 })).toBe(false);
});

test.each([
  ['spins', SPINS],
  ['is busy for ever', new OutOfTimeError('never done')],
  ['does not return', new HostTimeError(1000, null, '')],
])('a driver that %s in a scenario is played in others alone', (_, stopped) => {
  const course = after(run('one', stopped));

  expect(course.skips({ scenario: 'one', seed: 2 })).toBe(true);
  expect(course.skips({ scenario: 'two', seed: 1 })).toBe(false);
});

test('a driver that made too many accesses in vain is not played further', () => {
  const course = after(...['1', '2', '3', '4', '5'].map((name) => run(name, SPINS, 1_000_001)));

  expect(course.skips({ scenario: '6', seed: 1 })).toBe(true);
});

test('a driver that did not return for more than half a minute in all is not played further', () => {
  const late = (name: string) => run(name, new HostTimeError(10_000, null, ''), 0);

  expect(after(...['1', '2', '3'].map(late)).skips({ scenario: '5', seed: 1 })).toBe(false);
  expect(after(...['1', '2', '3', '4'].map(late)).skips({ scenario: '5', seed: 1 })).toBe(true);
});
