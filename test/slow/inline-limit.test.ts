import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** V8 inlines no function of more bytes of bytecode (--max-inlined-bytecode-size). */
const LIMIT = 460;
/** Nor more of all functions into one loop (--max-inlined-bytecode-size-cumulative); its caller needs some too. */
const TOGETHER = 920;
const CALLER = 30;
const ROOT = join(import.meta.dirname, '..', '..');
const BOTH = ['pop', 'takeNext', 'fastWalk', 'push', 'flush', 'wantsInterrupt'];
/** Other versions of V8 compile to other sizes: there the numbers are only reported. */
const JUDGED = process.version.startsWith('v20.');

/** Calls every method once, so that it is compiled: bytecode is made lazily. */
const SCRIPT = `
const load = (path) => import(new URL('dist/' + path, import.meta.url));
const [{ SplitQueue }, { PackedQueue }, { GuestMemory }] = await Promise.all(
  ['virtio/queue/split-queue.js', 'virtio/queue/packed-queue.js', 'core/memory.js'].map(load),
);

const board = { memory: GuestMemory.of(1 << 20) };
const host = { board, queueInterrupt() {} };
for (const Queue of [SplitQueue, PackedQueue]) {
  const queue = new Queue(0, 8, host);
  queue.configure(0x2000, 0x3000, 0x4000);
  queue.fastWalk(0);
  queue.takeNext();
  queue.pop();
  queue.push(0, 0);
  queue.flush();
}
`;

describe('the hot path of both rings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-inline-'));

  beforeAll(() => {
    // The package is bundled: here each module is a file of its own.
    const emit = [
      '--emitDeclarationOnly',
      'false',
      '--declaration',
      'false',
      '--outDir',
      join(folder, 'dist'),
    ];
    execFileSync('node', ['node_modules/typescript-7/bin/tsc', '-p', 'tsconfig.build.json', ...emit], {
      cwd: ROOT,
    });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'run.js'), SCRIPT);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** Bytes of the method in the rings that have it, the split one first. */
  function sizesOf(method: string): number[] {
    const flags = ['--print-bytecode', `--print-bytecode-filter=${method}`];
    const { stdout } = spawnSync(process.execPath, [...flags, 'run.js'], { cwd: folder, encoding: 'utf8' });
    return [...stdout.matchAll(/Bytecode length: (\d+)/g)].map(([, size]) => Number(size));
  }

  test.each(BOTH)('%s is small enough for V8 to inline', (method) => {
    const sizes = sizesOf(method);

    console.log(`${process.version} ${method}: ${sizes.join(' and ')} bytes`);
    expect(sizes).toHaveLength(2);
    expect(sizes.filter((size) => JUDGED && size > LIMIT)).toEqual([]);
  });

  test.each([
    ['split', 0, ['noChain']],
    ['packed', 1, ['takeOther', 'noList']],
  ] as const)('all of it fits into one loop, in a %s ring', (ring, at, own) => {
    const sizes = [
      ...BOTH.map((method) => sizesOf(method)[at]!),
      ...own.map((method) => sizesOf(method)[0]!),
    ];
    const sum = sizes.reduce((some, size) => some + size, 0);

    console.log(`${process.version} ${ring}, together: ${sum} bytes`);
    expect(sum <= TOGETHER - CALLER || !JUDGED).toBe(true);
  });
});
