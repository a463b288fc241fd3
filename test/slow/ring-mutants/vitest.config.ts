import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ROOM } from './run-mutant.ts';

/** A mutant exists only in the memory of the run that loads it: the file on the disk stays as it is. */
const mutant = JSON.parse(process.env['GUESTRIG_MUTANT'] ?? 'null');

export default defineConfig({
  root: join(import.meta.dirname, '../../..'),
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform: (code, id) =>
        mutant !== null && id === join(ROOM, mutant.file)
          ? code.replace(mutant.find, () => mutant.replace)
          : null,
    },
  ],
  test: {
    include: ['src/**/*.test.ts', 'test/*.test.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
    bail: 1,
  },
});
