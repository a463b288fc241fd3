import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED } from '../../docs/generate.ts';

const PAGES = Object.keys(GENERATED).filter((name) => name.startsWith('reference/clauses/'));

test.each(PAGES)('docs/%s is what the code says', async (name) => {
  expect(readFileSync(`docs/${name}`, 'utf8'), 'run: npm run docs').toBe(await GENERATED[name]!());
});
