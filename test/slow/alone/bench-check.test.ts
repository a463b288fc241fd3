import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
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
const WALK = 'split c, batch 32, plain';

const folder = workFolder();
const limits = join(folder, 'bench/limits.json');
const git = (argv: readonly string[], input = '') =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test', ...argv], { cwd: folder, input });
const commit = () => git(['commit', '-q', '--allow-empty', '-a', '-m', 'test']);
const check = (...argv: string[]) =>
  spawnSync('npm', ['run', 'bench', '--', 'check', ...argv], { cwd: folder, encoding: 'utf8' });

beforeAll(() => {
  for (const name of SOURCES) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  git(['init', '-q']);
  git(['add', '.']);
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
});

test('a walk of a ring that takes twice the time is refused by its limit, whatever the machine', {
  timeout: 600_000,
}, () => {
  check('--lower', '--rounds', '5', '--only', WALK);
  commit();
  git(['apply'], readFileSync(join(import.meta.dirname, 'slower-walk.patch'), 'utf8'));
  commit();

  const { stdout, status } = check('--rounds', '5', '--only', WALK);

  expect([status, stdout]).toEqual([
    1,
    expect.stringMatching(/\nMISSED {2}split c, batch 32, plain .*, and \d.* there today\n/),
  ]);
});

test('code that is as fast as that of the limit passes on a slower machine', { timeout: 600_000 }, () => {
  const unreachable = readFileSync(limits, 'utf8').replaceAll(/"limit": [\d.]+/g, '"limit": 0.5');
  writeFileSync(limits, unreachable);
  commit();
  commit();

  const { stdout, status } = check('--only', 'cut');

  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(/\nok {6}cut .* limit {3}0.50, and \d.* there today\n/),
  ]);
});
