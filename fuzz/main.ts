import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { caseText, keep } from './find/keep.ts';
import { pinDown } from './find/pin-down.ts';
import { report } from './report.ts';
import { play, type Score } from './run/score.ts';
import { Supervisor } from './run/supervisor.ts';
import { Totals } from './run/totals.ts';

const TELL_MS = 2000;

const USAGE = `npm run fuzz -- [--seed N] [--operations N] [--time SECONDS] [--workers N] [--hold SECONDS] [--report FILE]
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
interface Command {
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
function parseCommand(args: readonly string[], moment: number): Command {
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

const command = parseCommand(process.argv.slice(2), Date.now());
if (command.help) console.log(USAGE);
else if (command.replay !== null) process.exitCode = replay(command.replay, command);
else process.exitCode = await fuzz(command);

async function fuzz(command: Command): Promise<number> {
  const totals = new Totals(command.seed);
  console.log(`seed ${command.seed}`);
  const from = performance.now();
  let told = from;
  await new Supervisor(totals, command).run(() => {
    if (!process.stdout.isTTY || performance.now() - told < TELL_MS) return;
    told = performance.now();
    process.stdout.write(`\r${totals.line} `);
  });
  const seconds = (performance.now() - from) / 1000;
  pinDown(totals);
  const text = report(totals, seconds);
  if (command.report !== null) writeFileSync(command.report, `${text}\n`);
  console.log(`\n${text}`);
  return totals.failures.size + totals.held.length > 0 ? 1 : 0;
}

function replay(text: string, { save, seconds }: Command): number {
  const [seed = 0, episode = 0, ops] = text.split(':').map(Number);
  const score: Score = { seed, episode, ...(ops !== undefined && { ops }) };
  if (save !== null) return writeCase(score, save, performance.now() + seconds * 1000);
  const { run, digest } = play(score, [], { digest: true });
  for (const { kind, ms, op } of run.slowest.byKind.values())
    console.log(`${kind}: ${ms.toFixed(1)} ms, operation ${op}`);
  console.log(`${run.ops} operations, ${digest}: ${run.failure?.what ?? 'nothing is wrong'}`);
  return run.failure === null ? 0 : 1;
}

function writeCase(score: Score, path: string, deadline: number): number {
  const kept = keep(score, deadline);
  if (typeof kept === 'string') console.log(kept);
  else {
    writeFileSync(path, caseText(kept));
    console.log(`${kept.about}: ${kept.ops.length} operations`);
  }
  return typeof kept === 'string' ? 1 : 0;
}
