import { createInterface } from 'node:readline';
import type { Variant } from './cells.ts';
import { workFor } from './works.ts';

/** One process per cell and variant, so that the engine's optimisations for one do not slow another. */
const [cell = '', variant = 'off'] = process.argv.slice(2);
const { work, check } = workFor(cell, variant as Variant);

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  work(Number(line));
  const { user, system } = process.cpuUsage(before);
  check();
  console.log((user + system) * 1000);
}
