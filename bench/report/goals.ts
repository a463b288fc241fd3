import type { Summary } from '../virtqueue/result.ts';
import type { Row } from './rows.ts';

/** What the summary's figures are to reach: the first must hold, the second is aimed at. */
export interface Goal {
  readonly figure: keyof Summary;
  readonly about: string;
  readonly must: number;
  readonly aim: number;
  readonly better: 'less' | 'more';
}

export const GOALS: readonly Goal[] = [
  {
    figure: 'splitWalkGeomeanToC',
    about: 'split ring without copy, times of C',
    must: 2.15,
    aim: 2,
    better: 'less',
  },
  {
    figure: 'packedWalkGeomeanToC',
    about: 'packed ring without copy, times of C',
    must: 2.35,
    aim: 2.2,
    better: 'less',
  },
  {
    figure: 'copyGeomeanToC',
    about: 'with copy, plain TypeScript, times of C',
    must: 2.25,
    aim: 2.1,
    better: 'less',
  },
  {
    figure: 'copyWasmGeomeanToC',
    about: 'with copy by WebAssembly, times of C',
    must: 1.5,
    aim: 1.3,
    better: 'less',
  },
  {
    figure: 'batchWalkGeomeanToC',
    about: 'split ring in batches of 32 and more, without copy, times of C',
    must: 1.5,
    aim: 1.4,
    better: 'less',
  },
  {
    figure: 'batchCopyGeomeanToC',
    about: 'the same with copy, times of C',
    must: 1.4,
    aim: 1.3,
    better: 'less',
  },
  {
    figure: 'v86GeomeanSpeedup',
    about: "times faster than v86's queue as shipped",
    must: 5,
    aim: 15,
    better: 'more',
  },
  {
    figure: 'judgeOn',
    about: 'a walk with its driver watched, times without',
    must: 1.5,
    aim: 1.3,
    better: 'less',
  },
];

export function verdict(goal: Goal, value: number | null): string {
  if (value === null) return 'not measured';
  const reaches = (mark: number) => (goal.better === 'less' ? value <= mark : value >= mark);
  return reaches(goal.aim) ? 'aim reached' : reaches(goal.must) ? 'holds' : 'missed';
}

/** How many times as long v86 takes as guestrig must stay above this in every cell, not only in the mean. */
export const V86_LEAST = 5;

/** In how many cells v86 takes that much longer, of how many it was measured in, and the cell where it comes nearest. */
export function againstV86(rows: readonly Row[]): { cells: number; of: number; nearest: string } | null {
  const speedups = rows.flatMap((row) => {
    const theirs = row.v86?.nsPerChain ?? null;
    const ours = row.plain.nsPerChain;
    return theirs === null || ours === null ? [] : [{ row, speedup: theirs / ours }];
  });
  if (speedups.length === 0) return null;
  const { row, speedup } = speedups.reduce((least, one) => (one.speedup < least.speedup ? one : least));
  const where = `${row.scenario}${row.copy ? ', copy' : ''}, batch ${row.batch}`;
  const cells = speedups.filter((one) => one.speedup >= V86_LEAST).length;
  return { cells, of: speedups.length, nearest: `${speedup.toFixed(1)} in ${where}` };
}
