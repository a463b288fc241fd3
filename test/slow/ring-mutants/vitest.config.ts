import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { type Mutant, pattern } from './mutant.ts';
import { ROOM } from './run-mutant.ts';

/** A mutant exists only in the memory of the run that loads it: the file on the disk stays as it is. */
const mutant: Mutant | null = JSON.parse(process.env['GUESTRIG_MUTANT'] ?? 'null');

export default defineConfig({
  root: join(import.meta.dirname, '../../..'),
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform: (code, id) =>
        mutant !== null && id === join(ROOM, mutant.file)
          ? code.replace(pattern(mutant), () => mutant.replace)
          : null,
    },
  ],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
    bail: 1,
    testTimeout: 60_000,
  },
});
