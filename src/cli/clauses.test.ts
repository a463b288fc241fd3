import { describe, expect, test } from 'vitest';
import { nearest } from '../core/nearest.ts';
import { ALL_IDS, CLAUSES } from '../rules/index.ts';
import { guestrig } from './rig.ts';

describe('guestrig clauses', () => {
  test('lists every clause once, with what it asks', async () => {
    const { status, out, err } = await guestrig('clauses');
    const listed = out.split('\n').flatMap((line) => /^(\w+\/\S+)/.exec(line)?.[1] ?? []);

    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(listed).toEqual(ALL_IDS);
    expect(out).toContain(`uart/THR-FULL                ${CLAUSES['uart/THR-FULL'].text}\n`);
  });

  test('lists those with a given beginning', async () => {
    const { out } = await guestrig('clauses', 'PIRQ/');

    expect(out).toMatch(
      /^3 clauses; [^\n]+\n\npirq\/ELCR {6}A driver MUST [^\n]+\npirq\/RESERVED {2}A driver MUST NOT [^\n]+\npirq\/LINE {6}Write no [^\n]+\n$/,
    );
  });

  test('shows a finding whole: what happened, the accesses, what is asked, and where', async () => {
    const { out } = await guestrig('clauses', 'uart/THR-FULL');

    expect(out.slice(out.indexOf('What is said'))).toBe(
      `What is said of the broken driver "writes to a full transmitter" (BROKEN_DRIVERS of guestrig/conformance):

uart/THR-FULL  ttyS0
  wrote 0x55 'U' to THR while 16 bytes were waiting in the FIFO: 'U' is lost
  24 times; the first of them:

  before  1360.000 µs  out  03f8 ← 55        ttyS0 THR ← 55  'U'
          1361.000 µs  out  03f8 ← 55        ttyS0 THR ← 55  'U'
          1362.000 µs  out  03f8 ← 55        ttyS0 THR ← 55  'U'
  at      1363.000 µs  out  03f8 ← 55        ttyS0 THR ← 55  'U'
          divisor 12: a character takes 1041667 ns

  A driver MUST NOT write to a transmitter that has no room for the byte.
  Wait for THRE, then write at most 16 bytes with the FIFO on, one with it off.
  PC16550D, 8.4 and 8.11
`,
    );
  });

  test('gives the reason if no driver shows a clause', async () => {
    expect((await guestrig('clauses', 'virtio/INIT-D12')).out).toContain(
      '\nNo broken driver shows it: a device of ours refuses FEATURES_OK only to a driver whose features break another rule.\n',
    );
  });

  test.each([
    ['FEAT-D1', '; did you mean virtio/FEAT-D1?'],
    ['virtio/FAET-D1', '; did you mean virtio/FEAT-D1?'],
    ['nonsense', ''],
  ])('refuses %s in one line', async (id, hint) => {
    expect(await guestrig('clauses', id)).toEqual({
      status: 2,
      out: '',
      err: `clauses must be a clause (guestrig clauses lists them); got "${id}"${hint}\n`,
    });
  });
});

describe('help', () => {
  test.each([
    [['help'], ['--help']],
    [
      ['help', 'boot'],
      ['boot', '--help'],
    ],
  ])('%j is %j', async (help, option) => {
    const { status, out } = await guestrig(...help);

    expect([status, out]).toEqual([0, (await guestrig(...option)).out]);
  });

  test('of a command that does not exist is refused, with the nearest name', async () => {
    expect(await guestrig('help', 'bot')).toEqual({
      status: 2,
      out: '',
      err: "unknown command 'bot' (Did you mean boot?)\n",
    });
  });
});

test('a name unlike all others has no nearest one', () => {
  expect(nearest('zzzzzz', ['alpha', 'beta'])).toBeNull();
});
