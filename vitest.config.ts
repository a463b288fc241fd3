import { defineConfig } from 'vitest/config';

/** What puts other modules in the place of some. */
const MOCKED = ['src/cli/input.test.ts', 'src/media/file-faults.test.ts'];
/** They take seconds each: they stay beside what they test, and run with the slow ones. */
const LONG = [
  'src/cli/boot-ends.test.ts',
  'src/cli/conform-wasm.test.ts',
  'src/cli/judge-log/judge-log.test.ts',
  'src/cli/qemu/script-on-qemu.test.ts',
  'src/cli/typist.test.ts',
  'src/cli/wrong-files.test.ts',
  'src/hosts/qemu/port.test.ts',
  'src/hosts/v86/host.test.ts',
  'src/hosts/v86/together.test.ts',
  'src/hosts/wasm/wasm-model.test.ts',
  'test/audit/any-bytes.test.ts',
  'test/completion/property.test.ts',
  'test/host-time.test.ts',
  'test/judge-log/recording.test.ts',
  'test/misuse/any-value.test.ts',
  'test/rings.test.ts',
];
/** No test is timed: this is only for machines that are busy with something else. */
const TIMEOUT_MS = 60_000;

/**
 * `unit` and `mocked` are what `npm test` runs; `slow` asks programs that others wrote (pciutils, tshark, e2fsprogs, gcc); `guest`
 * boots a Linux that it builds first.
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
          exclude: ['test/slow/**', 'test/guest/**', 'examples/{c,rust}/**', ...MOCKED, ...LONG],
          // No module keeps anything: files may share them, and loading them is half of the time otherwise.
          isolate: false,
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
        },
      },
      {
        test: {
          name: 'mocked',
          include: MOCKED,
          testTimeout: TIMEOUT_MS,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts', ...LONG],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'guest',
          include: ['test/guest/**/*.test.ts'],
          globalSetup: ['test/guest/setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
