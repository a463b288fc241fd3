import { describe, expect, test } from 'vitest';
import { PARTLY, PARTS, UNWATCHED } from '../docs/generate/statements.ts';
import { isWatched, seenOf, statementsOf } from '../docs/generate/statements-page.ts';
import { CLAUSE_IDS } from '../src/rules/index.ts';

const NAMES = Object.keys(PARTS).flatMap(statementsOf);
/** Of devices whose statements are not counted here. */
const OTHERS = /^virtio\/(BALLOON|RNG)-/;

describe('the statements of virtio 1.4 on drivers', () => {
  test('are as many as the standard has for these devices', () => {
    expect([new Set(NAMES).size, NAMES.filter((name) => seenOf(name) === 'yes').length]).toEqual([327, 246]);
  });

  test('are each watched, or have a reason', () => {
    expect(NAMES.filter((name) => isWatched(name) === Object.hasOwn(UNWATCHED, name))).toEqual([]);
  });

  test('that are not watched, or seen in part, are statements', () => {
    expect([...Object.keys(UNWATCHED), ...PARTLY].filter((name) => !NAMES.includes(name))).toEqual([]);
  });

  test('are those whose clauses have their names', () => {
    const numbered = CLAUSE_IDS.filter((id) => /^virtio\/.*-D\d+$/.test(id) && !OTHERS.test(id));

    expect(numbered.filter((id) => !NAMES.includes(id.slice('virtio/'.length)))).toEqual([]);
  });
});
