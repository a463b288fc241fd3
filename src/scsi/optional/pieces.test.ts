import { describe, expect, test } from 'vitest';
import { blocksOf, fullUnit, of, refused, send } from './full-rig.ts';

const BAD = 9;

/** A unit whose block 9 cannot be read, or written. */
function unitWithBadBlock(which: 'read' | 'write') {
  const unit = fullUnit();
  const { medium } = unit;
  const usual = medium[which].bind(medium);
  const touches = (offset: number, length: number) => offset < (BAD + 1) * 512 && BAD * 512 < offset + length;
  medium[which] = (offset, bytes, at, length) => !touches(offset, length) && usual(offset, bytes, at, length);
  return unit;
}

describe('a block that fails in the middle of what is moved at once is the one that sense data name', () => {
  test.each([
    ['VERIFY', '2f 02 00000008 00 0003 00', of(8, 9, 10), 'read', '3/11/00'],
    ['COMPARE AND WRITE', '89 00 0000000000000008 000000 03 00 00', of(8, 9, 10, 1, 1, 1), 'read', '3/11/00'],
    [
      'COMPARE AND WRITE',
      '89 00 0000000000000008 000000 03 00 00',
      of(8, 9, 10, 1, 1, 1),
      'write',
      '3/0c/00',
    ],
    ['ORWRITE', '8b 00 0000000000000008 00000003 00 00', of(1, 1, 1), 'read', '3/11/00'],
    ['ORWRITE', '8b 00 0000000000000008 00000003 00 00', of(1, 1, 1), 'write', '3/0c/00'],
    ['WRITE SAME', '41 00 00000008 00 0003 00', of(1), 'write', '3/0c/00'],
  ] as const)('by %s, %s', (_name, cdb, out, which, sense) => {
    const answer = send(unitWithBadBlock(which), cdb, { out });

    expect(answer).toMatchObject({ ...refused(sense), information: BAD });
  });
});

test('the blocks before it are written', () => {
  const unit = unitWithBadBlock('write');
  send(unit, '41 00 00000008 00 0003 00', { out: of(0x55) });

  expect(blocksOf(unit, 7, 4)).toEqual([7, 0x55, 9, 10]);
});

test('a medium that fails once, and not again, fails no command', () => {
  const unit = fullUnit();
  const { medium } = unit;
  const usual = medium.write.bind(medium);
  let calls = 0;
  medium.write = (...values) => ++calls > 1 && usual(...values);

  const answer = send(unit, '8b 00 0000000000000008 00000003 00 00', { out: of(1, 1, 1) });

  expect([answer.status, blocksOf(unit, 8, 3)]).toEqual([0, [9, 9, 11]]);
});
