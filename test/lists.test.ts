import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadSource } from '../docs/generate/source.ts';
import type { BrokenDriver } from '../src/conformance/index.ts';
import { lists } from '../tools/lists.ts';

const LISTS = await lists();

test.each(Object.entries(LISTS))('%s has what lies in its folder', (path, text) => {
  expect(readFileSync(path, 'utf8'), 'run: npm run docs').toBe(text);
});

describe('the drivers of a file break rules whose scripts stand in its folder:', () => {
  const files = readdirSync('src/rules', { recursive: true, encoding: 'utf8' });
  const mutants = files.filter((path) => path.endsWith('.mutants.ts') && !path.startsWith('all.'));
  const besides = (path: string) =>
    files.filter((one) => dirname(one) === dirname(path) && one.endsWith('.proof.ts'));
  const load = (path: string) => loadSource(`rules/${path}`);

  test.each(mutants)('%s', async (path) => {
    const { MUTANTS } = (await load(path)) as { MUTANTS: readonly BrokenDriver[] };
    const beside = await Promise.all(besides(path).map(load));
    const proved = beside
      .flatMap((exported) => Object.values(exported))
      .flatMap((one) => Object.keys(Object(one)));

    expect(MUTANTS).not.toEqual([]);
    expect(MUTANTS.map(({ clause }) => clause).filter((clause) => !proved.includes(clause))).toEqual([]);
  });
});
