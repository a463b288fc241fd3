import { expect, test } from 'vitest';
import { guestrig } from '../rig.ts';
import { renderDiff } from './diff.ts';

const FIRST = { place: 'uart SCR', ours: '5a', qemu: 'a5', about: 'SCR=5a SCR?' };
const REPORT = {
  profile: 'gce-n1',
  version: '10.0.13',
  count: 2000,
  seed: 7,
  asked: new Map([['uart', 2010]]),
  explained: [
    {
      difference: {
        id: 'uart/scratch',
        where: 'SCR',
        at: /SCR/,
        right: 'ours' as const,
        source: 'PC16550D, 8.9',
        said: 'A byte that is written is read again',
      },
      first: FIRST,
      times: 1200,
    },
  ],
  unexplained: [],
};

test('a difference is listed with the side that is right, and the source', () => {
  expect(
    renderDiff(REPORT, { color: false }),
  ).toBe(`guestrig diff  gce-n1 and QEMU 10.0.13, 2,000 questions, seed 7

uart             2,010 questions

uart/scratch  ours is right  1,200 times
  uart SCR: 5a, QEMU a5
  A byte that is written is read again.
  PC16550D, 8.9

1 difference, none unexplained
`);
});

test('an unexplained difference is listed with the accesses before it', () => {
  const report = { ...REPORT, explained: [], unexplained: [{ first: FIRST, times: 1 }] };

  const text = renderDiff(report, { color: false });

  expect(text).toContain('UNEXPLAINED  once\n  uart SCR: 5a, QEMU a5\n  SCR=5a SCR?\n');
  expect(text).toMatch(/\n0 differences explained, and in 1 place none\n$/);
});

test.each([
  [['diff'], "required option '--against <host>' not specified\n"],
  [['diff', '--against', 'bochs'], '--against must be qemu or qemu:FILE; got "bochs"\n'],
  [['diff', '--against', 'qemu', '--profile', 'pc'], '--profile must be gce-n1 or qemu-pc; got "pc"\n'],
  [
    ['diff', '--against', 'qemu', '--count', 'x'],
    '--count must be a whole number from 0 to 10000000; got "x"\n',
  ],
])('says in one line what is wrong with %j', async (argv, said) => {
  const { status, err } = await guestrig(...argv);

  expect([status, err.replace(/\n*$/, '\n')]).toEqual([2, said]);
});
