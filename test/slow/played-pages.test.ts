import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PLAYED } from '../../docs/generate.ts';

test.each(Object.entries(PLAYED))('docs/%s is what the code says', async (name, generate) => {
  expect(readFileSync(`docs/${name}`, 'utf8'), 'run: npm run docs').toBe(await generate());
});
