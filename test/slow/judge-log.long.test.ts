import { expect, test } from 'vitest';
import { BROKEN_DRIVERS } from '../../src/rules/all.mutants.ts';
import { brokenRun, REFERENCE_RUNS, type Run, recorded, replayed } from '../judge-log/recorded.ts';
import { partOf } from '../repeats.ts';

/** In these a wait ends at another moment than in the run, at a character more or at a device that broke down. */
const DEPARTS = [
  'reference UART, by interrupts: somebody who types on every serial port',
  'reference, thorough: devices that break down while they use them',
];
/** The same, where each answer is as it was logged. */
const OTHERWISE = [
  'reference, thorough: somebody who types on every serial port',
  'reference NVMe: an NVMe controller that fails while they use it',
];
/** The suite makes devices slower meanwhile, which a log does not say. */
const SLOWED = [
  'reference gVNIC: devices that take 3 to 57 µs, each time a little longer',
  'reference gVNIC: frames back to back, to a card that takes 3 to 57 µs, each time a little longer',
];
/** A mailbox has an event of no kind meanwhile, which a log does not say either. */
const CHANGED = 'reference gVNIC: events and capabilities of a mailbox that they do not know';
const isFaithful = ({ name }: Run) => ![...DEPARTS, ...OTHERWISE, ...SLOWED, CHANGED].includes(name);
const RUNS = partOf([...REFERENCE_RUNS, ...BROKEN_DRIVERS.map(brokenRun)].filter(isFaithful), 8);

/** A million lines of some of them. */
const A_WHILE = 300_000;

test.each(RUNS.map((run) => [run.name, run] as const))(
  'the log of a run comes to the verdict of the run: %s',
  { timeout: A_WHILE },
  (_name, run) => {
    const { verdicts, lines } = recorded(run);

    const again = replayed(lines);

    expect(again.verdicts).toEqual(verdicts);
    expect(again.departure).toBeNull();
  },
);

test.each(DEPARTS)('a replay that goes another way says so: %s', (name) => {
  const runs = REFERENCE_RUNS.filter((run) => run.name === name);

  const departures = runs.map((run) => replayed(recorded(run).lines).departure);

  expect(departures).not.toEqual([]);
  expect(departures).not.toContain(null);
});
