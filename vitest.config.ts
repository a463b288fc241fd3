import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** What puts other modules in the place of some. */
const MOCKED = ['src/cli/input.test.ts', 'src/media/file-faults.test.ts', 'test/host-errors.test.ts'];
/** They take seconds each, or ask another program, and stay beside what they test. */
const SLOW = '**/*.slow.test.ts';
/** `.ci/run` plays half of the slow tests with a commit: those whose names begin with these letters. */
const LETTERS = `[${process.env['GUESTRIG_SLOW'] ?? 'a-z'}]*`;
/** It plays the whole suite. */
const IN_CI = 'examples/ci/test/conformance.test.ts';
/** What takes the whole host, or measures it; and what puts other modules in the place of some. */
const [ALONE, REPLACING] = ['test/slow/alone/**', 'test/slow/power-cuts/power-cuts.long.test.ts'];
const SETUP = ['test/setup.ts'];
/** What takes long may take for ever. */
const WATCHED = ['test/watchdog.ts', ...SETUP];
/** No test is timed: this is only for machines that are busy with something else. */
const TIMEOUT_MS = 60_000;
/** A file for each processor: the usual one less is half of a host of two. */
const ALL = '100%';

/**
 * `unit` and `mocked` are what `npm test` runs; `slow` and `alone` ask programs that others wrote (pciutils, tshark, e2fsprogs, gcc);
 * `guest` boots a Linux that it builds first. What repeats, says in its name that it is `long`: a few times in these, very often in
 * the project of this name.
 */
export default defineConfig({
  // Examples import the package as its users do.
  resolve: {
    alias: [
      { find: /^guestrig$/, replacement: new URL('src/index.ts', import.meta.url).pathname },
      { find: /^guestrig\/(.+)$/, replacement: new URL('src/$1/index.ts', import.meta.url).pathname },
    ],
  },
  test: {
    maxWorkers: ALL,
    // Machines are many and short-lived: a seventh of the time went to collecting them.
    execArgv: ['--max-semi-space-size=64'],
    sequence: { sequencer: LongestFirst },
    // To compile the source is a minute of a processor for each run.
    experimental: { fsModuleCache: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'test/**/*.test.ts',
            'examples/**/*.test.ts',
            'bench/**/*.test.ts',
            'fuzz/**/*.test.ts',
          ],
          exclude: ['test/slow/**', 'test/guest/**', 'examples/{c,rust}/**', IN_CI, SLOW, ...MOCKED],
          // No module keeps anything: files may share them, and loading them is half of the time otherwise.
          isolate: false,
          setupFiles: SETUP,
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
        },
      },
      {
        test: {
          name: 'mocked',
          setupFiles: SETUP,
          include: MOCKED,
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          setupFiles: WATCHED,
          include: [`test/slow/**/${LETTERS}.test.ts`, `{src,test,fuzz}/**/${LETTERS}.slow.test.ts`, IN_CI],
          exclude: [ALONE, REPLACING],
          isolate: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'alone',
          setupFiles: ['test/watchdog.ts'],
          include: [`${ALONE}/${LETTERS}.test.ts`, REPLACING],
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'guest',
          include: ['test/guest/**/*.test.ts'],
          globalSetup: ['test/guest/setup.ts'],
          setupFiles: ['test/watchdog.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          env: { GUESTRIG_REPEATS: 'all' },
          globalSetup: ['test/guest/setup.ts'],
          maxWorkers: 1,
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
