import type { Summary } from '../virtqueue/result.ts';

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
    must: 2.6,
    aim: 2,
    better: 'less',
  },
  {
    figure: 'packedWalkGeomeanToC',
    about: 'packed ring without copy, times of C',
    must: 2.8,
    aim: 2.2,
    better: 'less',
  },
  {
    figure: 'copyGeomeanToC',
    about: 'with copy, plain TypeScript, times of C',
    must: 2.6,
    aim: 2.2,
    better: 'less',
  },
  {
    figure: 'copyWasmGeomeanToC',
    about: 'with copy by WebAssembly, times of C',
    must: 1.8,
    aim: 1.4,
    better: 'less',
  },
  {
    figure: 'v86GeomeanSpeedup',
    about: "times faster than v86's queue as shipped",
    must: 5,
    aim: 15,
    better: 'more',
  },
];

export function verdict(goal: Goal, value: number | null): string {
  if (value === null) return 'not measured';
  const reaches = (mark: number) => (goal.better === 'less' ? value <= mark : value >= mark);
  return reaches(goal.aim) ? 'aim reached' : reaches(goal.must) ? 'holds' : 'missed';
}
