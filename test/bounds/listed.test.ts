import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const PAGE = readFileSync('docs/robustness.md', 'utf8');
const [, section = ''] = PAGE.split('## What grows, and how far\n');
const rows = section
  .split('\n###')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()));
const files = rows.map(([, what = '', , by = '']): [string, string[]] => [
  what,
  [...by.matchAll(/`([^`]+)`/g)].map(([, path]) => path!),
]);

describe('the list of growing structures', () => {
  test('exists', () => {
    expect(rows.length).toBeGreaterThan(30);
  });

  test.each(files)('names existing tests, of %s', (_what, paths) => {
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !path.endsWith('.test.ts') || !existsSync(path))).toEqual([]);
  });

  test('names each file of bounds', () => {
    expect(PAGE).toContain('test/bounds/network.slow.test.ts');
    expect(PAGE).toContain('test/bounds/stores.slow.test.ts');
  });
});
