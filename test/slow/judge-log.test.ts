import { expect, test } from 'vitest';
import { BROKEN_DRIVERS } from '../../src/rules/all.mutants.ts';
import { brokenRun, REFERENCE_RUNS, recorded, replayed } from '../judge-log/recorded.ts';

const RUNS = [...REFERENCE_RUNS, ...BROKEN_DRIVERS.map(brokenRun)];

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
