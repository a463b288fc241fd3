import { createInterface } from 'node:readline';
import { WORKS } from './works.ts';

/** An order is `REPEATS NAME`; the answer is nanoseconds of processor time. */
for await (const line of createInterface({ input: process.stdin })) {
  const [, repeats = '0', name = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
  const { work, made } = WORKS[name]!();
  const before = process.cpuUsage();
  work(Number(repeats));
  const { user, system } = process.cpuUsage(before);
  if (made() === 0) throw new Error('nothing was made');
  console.log((user + system) * 1000);
}
