import { writeFileSync } from 'node:fs';
import { type Command, parseCommand, USAGE } from './command.ts';
import { caseText, keep } from './find/keep.ts';
import { pinDown } from './find/pin-down.ts';
import { report } from './report/text.ts';
import { play, type Score } from './run/score.ts';
import { Supervisor } from './run/supervisor.ts';
import { Totals } from './run/totals.ts';

const TELL_MS = 2000;

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
