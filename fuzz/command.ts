import { parseArgs } from 'node:util';

export const USAGE = `npm run fuzz -- [--seed N] [--operations N] [--time SECONDS] [--workers N] [--hold SECONDS] [--report FILE]
npm run fuzz -- --replay SEED:EPISODE[:OPERATIONS] [--save FILE] [--time SECONDS]

Does to machines what no guest should, and sees whether they go on.
  --seed N          every choice comes from it (one of the moment, which is printed)
  --operations N    so many, such as 1e8 (as many as there is time for)
  --time SECONDS    so long (60)
  --workers N       in so many threads (1)
  --hold SECONDS    an operation that takes longer is given up, and counts (20)
  --report FILE     write the report there, too
  --replay SCORE    play one episode again, or the beginning of it
  --save FILE       shorten what it shows, and write it there for the corpus`;

/** The options of the command line. */
export interface Command {
  readonly help: boolean;
  readonly seed: number;
  readonly operations: number;
  readonly seconds: number;
  readonly workers: number;
  readonly holdSeconds: number;
  readonly report: string | null;
  readonly replay: string | null;
  readonly save: string | null;
}

/** @throws for an invalid option or number. */
export function parseCommand(args: readonly string[], moment: number): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(moment >>> 0) },
      operations: { type: 'string', default: 'Infinity' },
      time: { type: 'string', default: '60' },
      workers: { type: 'string', default: '1' },
      hold: { type: 'string', default: '20' },
      report: { type: 'string' },
      replay: { type: 'string' },
      save: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    seed: number('seed', values.seed),
    operations: number('operations', values.operations),
    seconds: number('time', values.time),
    workers: number('workers', values.workers),
    holdSeconds: number('hold', values.hold),
    report: values.report ?? null,
    replay: values.replay ?? null,
    save: values.save ?? null,
  };
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new Error(`--${name} must be 0 or more; got ${text}`);
  return value;
}
