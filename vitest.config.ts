import { defineConfig } from 'vitest/config';

/** `unit` is what `npm test` runs; `slow` asks programs that others wrote (pciutils, tshark, e2fsprogs, gcc). */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['test/slow/**'],
          // No test is timed: this is only for machines that are busy with something else.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
