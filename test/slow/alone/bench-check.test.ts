import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workFolder } from '../work-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES = [
  'assets',
  'bench',
  'docs',
  'fuzz',
  'src',
  'test',
  'package.json',
  'tsconfig.json',
  'tsconfig.bench.json',
];

const folder = workFolder();
const run = (...argv: string[]) => spawnSync('npm', ['run', ...argv], { cwd: folder, encoding: 'utf8' });

test('a walk of a ring that is slower is refused by its limit', { timeout: 600_000 }, () => {
  for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const input = readFileSync(join(import.meta.dirname, 'slower-walk.patch'));
  execFileSync('git', ['apply'], { cwd: folder, input });

  const { stdout, status } = run('bench', '--', 'check', '--only', ', batch 32, plain');

  expect([status, stdout]).toEqual([1, expect.stringMatching(/\nMISSED {2}split [ac], batch 32, plain /)]);
});
