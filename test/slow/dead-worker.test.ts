import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { workFolder } from './work-folder.ts';

const COUNT = fileURLToPath(new URL('../../tools/count-tests.mjs', import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const DIES = "process.kill(process.pid, 'SIGKILL')";
const FILES = {
  'in-a-test.test.ts': `for (const i of [1, 2, 3, 4]) test('number ' + i, () => { if (i === 2) ${DIES}; }); test.skip('left out', () => {});`,
  'on-its-way.test.ts': `${DIES}; test('never', () => {});`,
  'good.test.ts': "test('good', () => {});",
  'bad.test.ts': "test('bad', () => { throw new Error('so bad'); });",
};

const folder = workFolder();
const vitest = (...argv: string[]) =>
  spawnSync(process.execPath, [VITEST, ...argv, '--globals', '--root', folder], { encoding: 'utf8' });
const counted = (broken = 0) =>
  spawnSync(process.execPath, [COUNT, folder, `${broken}`, 'all'], { cwd: folder, encoding: 'utf8' });

test('tests of a worker that died count as failed, so does a file without a result, and each is named', () => {
  for (const [name, code] of Object.entries(FILES)) writeFileSync(join(folder, name), code);
  vitest('list', '--filesOnly', `--json=${join(folder, 'all.files.json')}`);
  const before = counted();
  vitest('run', '--reporter=json', `--outputFile=${join(folder, 'all.json')}`);

  const { stdout, status } = counted();

  expect([before.stdout.split('\n').at(-2), status]).toEqual(['0 passed, 4 failed', 1]);
  expect(stdout).toContain('failed: bad.test.ts: bad\n  Error: so bad\n');
  expect(stdout).toContain('pending: in-a-test.test.ts: number 2\n');
  expect(stdout.split('\n').at(-2)).toBe('1 passed, 6 failed');
  expect(counted(7).stdout.split('\n').at(-2)).toBe('1 passed, 7 failed');
});
