import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Order, Outcome } from './order.ts';

/** The amount of work of a run: chains used, and bytes in their descriptors. */
export interface Tally {
  readonly chains: number;
  readonly bytes: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** So few that the young generation holds all their allocations, up to a kilobyte per chain, without a collection. */
const HEAP_CHAINS = 512;
const HEAP_TRIES = 7;

/** Measures one run in this process's CPU time, which includes the compiler and the collector. */
export function measure(order: Order, run: (repeats: number) => Tally): Outcome {
  const before = process.cpuUsage();
  const { chains, bytes } = run(order.repeats);
  const { user, system } = process.cpuUsage(before);
  const allocated = order.heap === 1 ? allocatedPerChain(order, run) : -1;
  return { cpuNs: (user + system) * 1000, chains, bytes, allocated };
}

/** Heap growth of a run, less the cost of measuring. */
function allocatedPerChain({ batch }: Order, run: (repeats: number) => Tally): number {
  const repeats = Math.ceil(HEAP_CHAINS / batch);
  const idle = leastGrowth(() => run(0));
  return Math.max(0, leastGrowth(() => run(repeats)) - idle) / (repeats * batch);
}

/** The minimum of some runs: the engine's own allocations vary, the subject's are constant. */
function leastGrowth(run: () => Tally): number {
  const grown = Array.from({ length: HEAP_TRIES }, () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    run();
    return process.memoryUsage().heapUsed - before;
  });
  return Math.min(...grown);
}
