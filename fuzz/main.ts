import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CLAUSE_IDS } from '../src/rules/index.ts';
import { report } from './report/text.ts';
import { play } from './run/episode.ts';
import { Supervisor } from './run/supervisor.ts';
import { Totals } from './run/totals.ts';

const USAGE = `npm run fuzz -- [--seed N] [--operations N] [--time SECONDS] [--workers N] [--hold SECONDS] [--report FILE]
npm run fuzz -- --replay SEED:EPISODE[:OPERATIONS]

Does to machines what no guest should, and sees whether they go on.
  --seed N          every choice comes from it (one that was never used, which is printed)
  --operations N    so many, such as 1e8 (as many as there is time for)
  --time SECONDS    so long (60)
  --workers N       in so many threads (1)
  --hold SECONDS    an operation that takes longer is given up, and counts (20)
  --report FILE     write the report there, too
  --replay SCORE    play one episode again, or the beginning of it`;

const TELL_MS = 2000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    operations: { type: 'string', default: 'Infinity' },
    time: { type: 'string', default: '60' },
    workers: { type: 'string', default: '1' },
    hold: { type: 'string', default: '20' },
    report: { type: 'string' },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
process.exitCode = values.replay === undefined ? await fuzz() : replay(values.replay);

async function fuzz(): Promise<number> {
  const seed = values.seed === undefined ? Date.now() >>> 0 : Number(values.seed);
  const totals = new Totals(seed);
  const [operations, seconds, workers, holdSeconds] = [
    Number(values.operations),
    Number(values.time),
    Number(values.workers),
    Number(values.hold),
  ];
  console.log(`seed ${seed}`);
  const from = performance.now();
  let told = from;
  await new Supervisor(totals, { operations, seconds, workers, holdSeconds }).run(() => {
    if (!process.stdout.isTTY || performance.now() - told < TELL_MS) return;
    told = performance.now();
    const worst = [...totals.slowest.values()].reduce((most, { ms }) => Math.max(most, ms), 0);
    process.stdout.write(
      `\r${totals.ops} operations, ${totals.episodes} episodes, worst ${worst.toFixed(0)} ms, ${totals.failures.size} failures `,
    );
  });
  const text = report(totals, (performance.now() - from) / 1000);
  if (values.report !== undefined) writeFileSync(values.report, `${text}\n`);
  console.log(`\n${text}`);
  return totals.failures.size > 0 ? 1 : 0;
}

function replay(score: string): number {
  const [seed, episode, ops] = score.split(':').map(Number);
  const { run, digest } = play(
    { seed: seed!, episode: episode!, ...(ops !== undefined && { ops }) },
    CLAUSE_IDS,
    { digest: true },
  );
  for (const { kind, ms, op } of run.slowest.byKind.values())
    console.log(`${kind}: ${ms.toFixed(1)} ms, operation ${op}`);
  console.log(`${run.ops} operations, ${digest}: ${run.failure?.what ?? 'nothing is wrong'}`);
  return run.failure === null ? 0 : 1;
}
