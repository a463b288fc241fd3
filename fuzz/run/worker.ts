import { parentPort, workerData } from 'node:worker_threads';
import { CLAUSE_IDS } from '../../src/rules/index.ts';
import { Heap } from './heap.ts';
import type { EpisodeReport, Task } from './report.ts';
import { PULSE_END, type Pulse } from './run.ts';
import { type Played, play } from './score.ts';

/** One episode in so many is played twice, and must have the same result. */
const TWICE = 4;

/** Plays episodes until it is terminated from outside. */
const { seed, first, step, pulse: shared } = workerData as Task;
const pulse: Pulse = new Int32Array(shared);
const heap = new Heap();
// Drivers give up all the time, and no one reads their stacks.
Error.stackTraceLimit = 4;

for (let episode = first; Atomics.load(pulse, PULSE_END) === 0; episode += step) {
  pulse[0] = episode;
  const twice = (episode / step) % TWICE < 1;
  const played = play({ seed, episode }, CLAUSE_IDS, { pulse, digest: twice });
  parentPort!.postMessage(reportOf(episode, played, null));
  if (!twice || played.run.failure !== null) continue;
  const again = play({ seed, episode }, CLAUSE_IDS, { pulse, digest: true });
  if (again.digest !== played.digest) again.run.fail('the same score came out otherwise');
  parentPort!.postMessage(reportOf(episode, again, heap));
}

function reportOf(episode: number, { run, broken, met }: Played, heap: Heap | null): EpisodeReport {
  const use = heap?.look() ?? null;
  if (use?.grows) run.fail(`${use.bytes >> 20} MiB stay in use, and ever more`);
  return {
    episode,
    ops: run.ops,
    counts: [...run.counts],
    slowest: [...run.slowest.byKind.values()],
    over50: run.slowest.over50,
    broken: [...broken],
    met,
    failure: run.failure,
    heap: use?.bytes ?? null,
  };
}
