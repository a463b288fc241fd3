import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const source = readFileSync(join(import.meta.dirname, 'completion-options.ts'), 'utf8');
/** Each option of completions, with the comment before it, which editors show. */
const OPTIONS = [...source.matchAll(/(?:\/\*\*([^/]*)\*\/\s*)?^ {2,}([a-zA-Z]+)(?:: v\.|: whole|,$)/gm)].map(
  ([, comment = '', name]) => ({ name: name!, comment }),
);

test('an option of completions says what it is where editors show it, and a time says its unit', () => {
  const named = OPTIONS.map(({ name }) => name);
  const silent = OPTIONS.filter(({ comment }) => comment === '');
  const unitless = OPTIONS.filter(
    ({ name, comment }) =>
      ['notice', 'latency', 'within'].includes(name) && !/virtual nanoseconds/i.test(comment),
  );

  expect(named).toEqual([
    ...['notice', 'hush', 'latency', 'order', 'batch', 'chains', 'within', 'lastOnly'],
    ...['interrupts', 'coalesce', 'interrupts', 'within', 'spurious', 'configuration', 'lost'],
    ...['spoil', 'oddLengths'],
  ]);
  expect([silent, unitless]).toEqual([[], []]);
});
