import type { Summary } from '../virtqueue/result.ts';
import type { Row } from './rows.ts';

/** Goals of the summary's figures: the first must be met, the second is an aim. */
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

/** v86's time as a multiple of guestrig's must exceed this in every cell, not only in the mean. */
export const V86_LEAST = 5;

/** The number of cells in which it does, the number measured, and the cell with the smallest factor. */
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
