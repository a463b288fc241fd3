import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED } from '../../docs/generate.ts';

test('docs/clauses.md is what the code says', async () => {
  expect(readFileSync('docs/clauses.md', 'utf8'), 'run: npm run docs').toBe(await GENERATED['clauses.md']!());
});
