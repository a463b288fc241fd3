import { median } from '../virtqueue/result.ts';

/** A program's total wall time, and the times that it reported, in milliseconds. */
export interface Turn {
  readonly whole: number;
  readonly told: readonly number[];
}

/** A program that uses the package first, and its baseline without it. */
export interface StartCell {
  readonly name: string;
  readonly about: string;
  /** A program that prints a list of milliseconds, and its baseline. */
  readonly program: string;
  readonly baseline: string;
  /** The value that counts. */
  readonly of: (turn: Turn) => number;
  /** Whether the goal applies to the difference from the baseline, or to the total. */
  readonly goal: 'over' | 'all';
  /** Milliseconds; null without a limit. */
  readonly must: number | null;
  readonly aim: number;
}

/** Machines made in one program, of which the first few are a warm-up. */
const MACHINES = 220;
const FIRST_FEW = 20;
const RAM = '128 << 20';

const timed = (work: string) => `
  const times = [];
  for (let i = 0; i < ${MACHINES}; i++) {
    const from = performance.now();
    ${work};
    times.push(performance.now() - from);
  }
  console.log(JSON.stringify(times));`;
const machines = `import { gceN1 } from 'guestrig';${timed('gceN1()')}`;
/** With as much on the heap as in the other program. */
const buffers = `import 'guestrig';${timed(`new ArrayBuffer(${RAM})`)}`;

const CPU_TIME = `
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify([(user + system) / 1000]));`;

const LOADING = {
  program: `import 'guestrig';${CPU_TIME}`,
  baseline: CPU_TIME,
  goal: 'over',
  must: 60,
  aim: 25,
} as const;
const MAKING = { program: machines, baseline: buffers, goal: 'all' } as const;
const laterOf = ({ told }: Turn) => told.slice(FIRST_FEW);

export const START_CELLS: readonly StartCell[] = [
  {
    name: 'import',
    about:
      "a program that is `import 'guestrig'`, from its start to its end by the clock, and one without it",
    ...LOADING,
    of: ({ whole }) => whole,
  },
  {
    name: 'import, CPU time',
    about: 'the same by CPU time, which other programs disturb less',
    ...LOADING,
    of: ({ told }) => told[0]!,
  },
  {
    name: 'first machine',
    about: '`gceN1()` for the first time in a program; beside it, the first buffer of 128 MiB',
    ...MAKING,
    of: ({ told }) => told[0]!,
    must: null,
    aim: 10,
  },
  {
    name: 'machine',
    about: '`gceN1()` of 128 MiB, the median of the 21st to the 220th; beside it, such a buffer alone',
    ...MAKING,
    of: (turn) => median(laterOf(turn)),
    must: 3,
    aim: 1,
  },
  {
    name: 'machine, mean',
    about: 'the same, their mean: with what the engine takes now and then to collect garbage',
    ...MAKING,
    of: (turn) => laterOf(turn).reduce((sum, ms) => sum + ms, 0) / (MACHINES - FIRST_FEW),
    must: null,
    aim: 3,
  },
];
