import { describe, expect, test } from 'vitest';
import { numberOf } from '../../docs/generate/villain/breach.ts';
import { type Group, testsIn } from '../../docs/generate/villain/group.ts';
import { GROUPS } from '../../docs/generate/villain/groups.ts';
import { type Outcome, outcome } from './villain/play.ts';
import { PLAYS } from './villain/plays.ts';

const ROWS = GROUPS.flatMap(({ rows }) => rows);
const MANNERS = ['lenient', 'strict'] as const;
type Manners = (typeof MANNERS)[number];
const known = new Map<string, Outcome>();

/** What becomes of a play on such a machine; each is played once. */
function outcomeOf(number: string, strictness: Manners = 'lenient'): Outcome {
  const key = `${number} ${strictness}`;
  const fared = known.get(key) ?? outcome(number, PLAYS[number]!, { strictness });
  known.set(key, fared);
  return fared;
}

describe.each(GROUPS)('what virtio-villain does to: $title', ({ rows }) => {
  const played = rows.filter((row) => row.clause !== null && Object.hasOwn(PLAYS, numberOf(row)));

  test.each(played)('$test is told by $clause', (row) => {
    expect(outcomeOf(numberOf(row)).broken).toContain(row.clause);
  });
});

test.each(MANNERS)(
  'a %s machine bears all of it, and writes to no byte that is not its RAM',
  (strictness) => {
    const fared = Object.keys(PLAYS).map((number) => ({ number, ...outcomeOf(number, strictness) }));

    expect(fared.filter(({ stopped, strayed }) => stopped !== null || strayed)).toEqual([]);
  },
);

describe('the table', () => {
  test('has every test that is played', () => {
    const rows = new Set(ROWS.map(numberOf));
    expect(Object.keys(PLAYS).filter((number) => !rows.has(number))).toEqual([]);
  });

  test('tells how each breach that has a clause is played', () => {
    expect(ROWS.filter((row) => row.clause !== null && !Object.hasOwn(PLAYS, numberOf(row)))).toEqual([]);
  });

  test('has a clause, or a reason why there is none', () => {
    expect(ROWS.filter(({ clause, why }) => clause === null && why === '')).toEqual([]);
  });

  test.each(GROUPS)('names each test once: $title', (group) => {
    const { rows, kept, lacking, unseen } = group;
    const all = [
      ...rows.map(numberOf),
      ...[kept, lacking?.numbers, unseen].flatMap((more) => testsIn(group, more)),
    ];
    expect(all.toSorted()).toEqual(testsIn(group, countsOf(group)));
  });
});

/** What there is in its folder. */
function countsOf({ prefix }: Group): string {
  const LAST: Readonly<Record<string, string>> = {
    T: '1-128',
    P: '1-86',
    PCI: '1-119 200-201',
    S: '1-95',
    N: '1-201',
    SCSI: '1-257',
    RNG: '1-33 200',
    L: '1-46 200-201',
  };
  return LAST[prefix]!;
}
