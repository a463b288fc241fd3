import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED } from '../../docs/generate.ts';

test('docs/reference/clauses.md is what the code says', async () => {
  expect(readFileSync('docs/reference/clauses.md', 'utf8'), 'run: npm run docs').toBe(
    await GENERATED['reference/clauses.md']!(),
  );
});
