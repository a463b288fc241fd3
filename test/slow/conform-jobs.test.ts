import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inFolderOf } from '../../src/cli/rig.ts';
import { SUITE } from '../../src/conformance/index.ts';
import { packed } from './package/project.ts';

const { clone } = await packed();
/** The program as users have it: each thread of it loads two files. */
const guestrig = (...argv: string[]) =>
  spawnSync(process.execPath, [join(clone, 'dist/cli/main.js'), ...argv], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });

const PLAYED = ['--scenario', SUITE[0]!.name, '--scenario', SUITE[3]!.name, '--seed', '1-4'];

/** Prints without reading THRE, and throws an error of its own with some seeds. */
const SICK = `class SickError extends Error { name = 'SickError'; }
export default { name: 'sick', drivers: [], run(port, _handles, { seed }) {
  port.out(0x3fb, 3, 1);
  for (const sign of 'ab') port.out(0x3f8, sign.charCodeAt(0), 1);
  if (seed === 3) throw new SickError('is sick');
  if (seed === 4) throw { sick: true };
} };
`;
const SPINS = `export default { name: 'spins', drivers: [], run(port, _handles, { seed }) {
  if (seed > 1) for (;;) port.in(0x3fd, 1);
  port.in(0x3fd, 1);
} };
`;
const HANGS =
  "export default { name: 'hangs', drivers: [], run: (port, _, { seed }) => { port.in(0x3fd, 1); if (seed === 2) for (;;); } };\n";

inFolderOf({
  'sick.mjs': SICK,
  'spins.mjs': SPINS,
  'hangs.mjs': HANGS,
  'late.mjs': "export default { name: 'late', drivers: [], run: async (port) => void port.in(0x3fd, 1) };\n",
  'ends.mjs':
    "import { isMainThread } from 'node:worker_threads';\nif (!isMainThread) process.exit(3);\nexport default { name: 'ends', drivers: [], run() {} };\n",
  'alone.mjs':
    "import { isMainThread } from 'node:worker_threads';\nif (!isMainThread) throw new Error('not here');\nexport default { name: 'alone', drivers: [], run() {} };\n",
  'spins.json': '{ "patience": 10000 }',
});

const played = (file: string, jobs: number, reporter: string, ...more: string[]) => {
  const argv = [...PLAYED, '--jobs', `${jobs}`, '--reporter', reporter, ...more];
  return guestrig('conform', file, ...argv).stdout;
};

describe('several threads give the same report as one', () => {
  test.each(['json', 'text', 'html'])('of a driver that breaks clauses and throws, as %s', (reporter) => {
    const one = played('sick.mjs', 1, reporter);

    expect(one).toContain('SickError: is sick');
    expect(played('sick.mjs', 3, reporter)).toBe(one);
  });

  test('of a driver that spins, where not all is played', () => {
    const options = ['--options', 'spins.json'];
    const one = played('spins.mjs', 1, 'json', ...options);

    expect(JSON.parse(one).unplayed).toHaveLength(4);
    expect(played('spins.mjs', 2, 'json', ...options)).toBe(one);
  });

  test('of a driver that does not return', () => {
    const one = played('hangs.mjs', 1, 'text', '--host-time', '600');

    expect(one).toContain('4 runs not played');
    expect(played('hangs.mjs', 2, 'text', '--host-time', '600')).toBe(one);
  });
});

test.each([
  ['late.mjs', /^model\.run\(\) must be done when it returns: .*; got /],
  ['alone.mjs', /^driver alone\.mjs: cannot be loaded: Error: not here\n$/],
  ['ends.mjs', /^driver: ended the thread that it ran in\n$/],
])('%s is misuse in a thread, too', (file, line) => {
  const { status, stderr } = guestrig('conform', file, ...PLAYED, '--jobs', '2');

  expect(status).toBe(2);
  expect(stderr).toMatch(line);
});
