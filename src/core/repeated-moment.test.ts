import { expect, test } from 'vitest';
import { AccessTrail } from './access.ts';
import { Journal } from './journal.ts';
import { RepeatedMoment } from './repeated-moment.ts';
import type { Rules } from './rule.ts';
import { type Knows, Watch } from './watch.ts';

interface Sizes extends Knows {
  length: number;
}

const TABLE: Rules<Sizes, 'came'> = {
  short: {
    advice: '',
    where: 'here',
    text: 'A driver MUST NOT send more than ten.',
    on: 'came',
    kept: (k) => k.length <= 10,
    said: (k) => `${k.length}`,
  },
  even: {
    advice: '',
    where: 'here',
    text: 'A driver MUST send an even number.',
    on: 'came',
    when: (k) => k.length > 5,
    kept: (k) => k.length % 2 === 0,
    said: (k) => `${k.length}`,
  },
};

/** Events with these lengths; a streak takes those equal to the one before. */
function come(...lengths: readonly number[]) {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const k: Sizes = { subject: 'it', length: 0 };
  const streak = new RepeatedMoment(journal, new Watch(journal, TABLE).on.came, k);
  let asked = 0;
  for (const length of lengths) {
    if (streak.on && length === k.length) {
      streak.again();
      continue;
    }
    streak.end();
    k.length = length;
    streak.begin();
    asked++;
  }
  return { asked, met: [journal.read('short').met, journal.read('even').met], said: journal.findings };
}

test('equal events without a breach are counted, for the rules that they meet', () => {
  expect(come(8, 8, 8, 3, 3)).toEqual({ asked: 2, met: [5, 3], said: [] });
});

test('equal events with a breach are checked each time', () => {
  const { asked, met, said } = come(12, 12, 12);

  expect([asked, met, said.map(({ clause, count }) => [clause, count])]).toEqual([3, [3, 3], [['short', 3]]]);
});

test('reading in the middle counts nothing twice', () => {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const k: Sizes = { subject: 'it', length: 4 };
  const streak = new RepeatedMoment(journal, new Watch(journal, TABLE).on.came, k);
  streak.begin();
  streak.again();
  const first = journal.read('short').met;
  streak.again();

  expect([first, journal.read('short').met, streak.on]).toEqual([2, 3, true]);
});
