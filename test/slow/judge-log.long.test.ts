import { expect, test } from 'vitest';
import { BROKEN_DRIVERS } from '../../src/rules/all.mutants.ts';
import { brokenRun, REFERENCE_RUNS, type Run, recorded, replayed } from '../judge-log/recorded.ts';
import { partOf } from '../repeats.ts';

/** In these a wait ends at another moment than in the run, while characters come or devices break down. */
const OTHERWISE = [
  'reference, thorough: somebody who types on every serial port',
  'reference, thorough: devices that break down while they use them',
];
/** The suite makes devices slower meanwhile, which a log does not say. */
const SLOWED = [
  'reference gVNIC: devices that take 3 to 57 µs, each time a little longer',
  'reference gVNIC: frames back to back, to a card that takes 3 to 57 µs, each time a little longer',
];
/** A mailbox has an event of no kind meanwhile, which a log does not say either. */
const CHANGED = 'reference gVNIC: events and capabilities of a mailbox that they do not know';
/** Blocks break meanwhile, which a log does not say. */
const BROKEN_BLOCKS = 'reference NVMe: an NVMe disk with blocks that cannot be read, or written';
const isFaithful = ({ name }: Run) => ![...OTHERWISE, ...SLOWED, CHANGED, BROKEN_BLOCKS].includes(name);
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
