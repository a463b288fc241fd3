import { createInterface } from 'node:readline';
import { WORKS } from './works/index.ts';

/**
 * An order is `REPEATS NAME`; the answer is nanoseconds of processor time. One process does one work, so that the
 * engine's optimisations for one do not slow another.
 */
const { work, made } = WORKS[process.argv[2]!]!();

for await (const line of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  work(Number(/^\d+/.exec(line)![0]));
  const { user, system } = process.cpuUsage(before);
  if (made() === 0) throw new Error('nothing was made');
  console.log((user + system) * 1000);
}
