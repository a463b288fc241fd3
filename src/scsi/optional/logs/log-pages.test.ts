import { describe, expect, test } from 'vitest';
import { fullUnit, GOOD, refused, send } from '../full-rig.ts';

const zeros = (count: number) => '00'.repeat(count);
const SELF_TESTS = '4d 00 50 00 00 0000 0200 00';

/** What the results of the latest two self-tests say: code, and no failure. */
const latest = (unit: ReturnType<typeof fullUnit>) =>
  send(unit, SELF_TESTS, { room: 512 }).data.slice(8).match(/.{40}/g)!.slice(0, 2);

test.each([
  ['the list of pages', '00 00', '0000000300102f'],
  ['the list of pages and subpages', '00 ff', '40ff0008000000ff10002f00'],
  ['informational exceptions: none, and no temperature', '2f 00', '2f000008000003040000ff00'],
  ['self-tests, of which there were none', '10 00', '10000190'],
])('LOG SENSE of %s', (_about, page, begins) => {
  const { data, ...answer } = send(fullUnit(), `4d 00 ${page} 00 0000 0200 00`, { room: 512 });

  expect(answer).toMatchObject(GOOD);
  expect(data.slice(0, begins.length)).toBe(begins);
});

test.each([
  ['temperature', '4d 00 0d 00 00 0000 0010 00'],
  ['general statistics', '4d 00 19 00 00 0000 0010 00'],
  ['a subpage', '4d 00 10 01 00 0000 0010 00'],
  ['all subpages of one page', '4d 00 10 ff 00 0000 0010 00'],
  ['a parameter behind the last', '4d 00 10 00 00 0015 0010 00'],
  ['saved values', '4d 01 10 00 00 0000 0010 00'],
])('LOG SENSE of %s is refused', (_about, cdb) => {
  expect(send(fullUnit(), cdb, { room: 16 })).toMatchObject(refused('5/24/00'));
});

test('LOG SENSE begins at the parameter that is asked for', () => {
  const { data } = send(fullUnit(), '4d 00 10 00 00 0014 0200 00', { room: 512 });

  expect(data).toBe(`1000001400140310${zeros(16)}`);
});

describe('self-tests', () => {
  test('are kept, the latest first, by their codes', () => {
    const unit = fullUnit();
    send(unit, '1d 20 00 0000 00');
    send(unit, '1d c0 00 0000 00');

    expect(latest(unit)).toEqual([
      `00010310c0${zeros(3)}${'ff'.repeat(8)}${zeros(4)}`,
      `0002031020${zeros(3)}${'ff'.repeat(8)}${zeros(4)}`,
    ]);
  });

  test('that are the default are not', () => {
    const unit = fullUnit();

    expect(send(unit, '1d 04 00 0000 00')).toMatchObject(GOOD);
    expect(latest(unit)[0]).toBe(`00010310${zeros(16)}`);
  });

  test('are forgotten by LOG SELECT, and only by its reset', () => {
    const unit = fullUnit();
    send(unit, '1d 20 00 0000 00');
    const code = () => latest(unit)[0]!.slice(8, 10);

    const codes = [
      '4c 00 00 00 000000 0000 00',
      '4c 02 2f 00 000000 0000 00',
      '4c 02 00 00 000000 0000 00',
    ].map((cdb) => [send(unit, cdb).status, code()]);

    expect(codes).toEqual([
      [0, '20'],
      [0, '20'],
      [0, '00'],
    ]);
  });

  test.each([
    ['a code that is reserved', '1d 60 00 0000 00'],
    ['an end to one that is not there', '1d 80 00 0000 00'],
    ['a code beside the default', '1d 24 00 0000 00'],
  ])('SEND DIAGNOSTIC with %s is refused', (_about, cdb) => {
    expect(send(fullUnit(), cdb)).toMatchObject(refused('5/24/00'));
  });
});

test.each([
  ['a page that is not there', '4c 02 0d 00 000000 0000 00', '5/24/00'],
  ['a list beside a reset', '4c 02 00 00 000000 0004 00', '5/24/00'],
  ['a list of one page', '4c 00 10 00 000000 0004 00', '5/24/00'],
  ['a list, of what cannot be set', '4c 00 00 00 000000 0004 00', '5/26/00'],
])('LOG SELECT with %s is refused', (_about, cdb, sense) => {
  expect(send(fullUnit(), cdb, { out: new Uint8Array(4) })).toMatchObject(refused(sense));
});
