import { describe, expect, test } from 'vitest';
import { PACKED_TESTS } from '../../docs/generate/villain/packed.ts';
import { VRING } from '../../docs/generate/villain/vring.ts';
import { PACKED_PLAYS } from './villain/packed.ts';
import { breaks, type Play } from './villain/play.ts';
import { SPLIT_PLAYS } from './villain/split.ts';

const numberOf = (name: string) => name.split(' ')[0]!;

describe.each([
  ['split rings', VRING, SPLIT_PLAYS],
  ['packed rings', PACKED_TESTS, PACKED_PLAYS],
])('what virtio-villain does to %s', (_what, rows, plays: Readonly<Record<string, Play>>) => {
  const played = rows.filter(({ test: name }) => numberOf(name) in plays);

  test.each(played.map((row) => ({ ...row, play: plays[numberOf(row.test)]! })))(
    '$test is told by $clause',
    ({ test: name, clause, play }) => {
      expect(breaks(name, play)).toContain(clause);
    },
  );

  test('is in the table, if it is played', () => {
    expect(
      Object.keys(plays).filter((number) => !rows.some(({ test: name }) => numberOf(name) === number)),
    ).toEqual([]);
  });

  test('has a clause, or a reason why it has none', () => {
    expect(rows.filter(({ clause, why }) => clause === null && why === '')).toEqual([]);
  });
});
