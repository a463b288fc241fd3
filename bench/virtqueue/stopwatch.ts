import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Order, Outcome } from './order.ts';

/** What a run did: chains used, and bytes that their descriptors named. */
export interface Tally {
  readonly chains: number;
  readonly bytes: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** So few that the young generation holds all they allocate, up to a kilobyte a chain, without being collected. */
const HEAP_CHAINS = 512;
const HEAP_TRIES = 7;

/** Runs once against the clock of this process's CPU time, which counts the compiler and collector too. */
export function measure(order: Order, run: (repeats: number) => Tally): Outcome {
  const before = process.cpuUsage();
  const { chains, bytes } = run(order.repeats);
  const { user, system } = process.cpuUsage(before);
  const allocated = order.heap === 1 ? allocatedPerChain(order, run) : -1;
  return { cpuNs: (user + system) * 1000, chains, bytes, allocated };
}

/** What a run grows the heap by, less what asking costs. */
function allocatedPerChain({ batch }: Order, run: (repeats: number) => Tally): number {
  const repeats = Math.ceil(HEAP_CHAINS / batch);
  const idle = leastGrowth(() => run(0));
  return Math.max(0, leastGrowth(() => run(repeats)) - idle) / (repeats * batch);
}

/** The least of some: what the engine allocates for itself comes and goes, what the subject allocates stays. */
function leastGrowth(run: () => Tally): number {
  const grown = Array.from({ length: HEAP_TRIES }, () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    run();
    return process.memoryUsage().heapUsed - before;
  });
  return Math.min(...grown);
}
