import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLAUSE_IDS, CLAUSES } from '../rules/index.ts';

const SRC = join(import.meta.dirname, '..');

test('every clause of the catalogue is checked by some device, transport or judge', () => {
  const code = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|core\/clauses\/|conformance\/broken\//.test(path))
    .map((path) => readFileSync(join(SRC, path), 'utf8'))
    .join('\n');

  const unchecked = CLAUSE_IDS.filter((id) => !code.includes(`'${id}'`));

  expect(unchecked).toEqual([]);
});

test('a clause says what it asks in one sentence without a full stop, and where it is written', () => {
  const bad = CLAUSE_IDS.filter((id) => CLAUSES[id].text.endsWith('.') || CLAUSES[id].where === '');

  expect(bad).toEqual([]);
});
