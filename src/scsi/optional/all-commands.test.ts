import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { COMMANDS } from '../commands/table.ts';
import { LogicalUnit } from '../logical-unit.ts';
import { ALL_COMMANDS } from './all-commands.ts';
import { BLOCK, BLOCKS, blocksOf, fullUnit, GOOD, of, refused, send } from './full-rig.ts';

test('it has each command of a PersistentDisk, and 33 more', () => {
  const names = new Set(ALL_COMMANDS.operations.map(({ name }) => name));

  expect(COMMANDS.operations.filter(({ name }) => !names.has(name))).toEqual([]);
  expect(ALL_COMMANDS.operations.length - COMMANDS.operations.length).toBe(33);
});

describe('VERIFY', () => {
  test.each([
    ['the medium alone', '2f 00 00000005 00 0002 00', {}, GOOD],
    ['the medium alone, whatever data come', '2f 00 00000005 00 0002 00', { out: of(9) }, GOOD],
    ['equal blocks', '2f 02 00000005 00 0002 00', { out: of(5, 6) }, GOOD],
    ['equal blocks, by 12 bytes', 'af 02 00000005 00000002 00 00', { out: of(5, 6) }, GOOD],
    ['equal blocks, by 16 bytes', '8f 02 0000000000000005 00000002 00 00', { out: of(5, 6) }, GOOD],
    ['one block that each is equal to', '2f 06 00000005 00 0001 00', { out: of(5) }, GOOD],
    [
      'a block that differs',
      '2f 02 00000005 00 0002 00',
      { out: of(5, 7) },
      { ...refused('e/1d/00'), information: 512 },
    ],
    [
      'one block, where the second differs',
      '2f 06 00000005 00 0002 00',
      { out: of(5) },
      { ...refused('e/1d/00'), information: 512 },
    ],
    ['the reserved way', '2f 04 00000005 00 0001 00', { out: of(5) }, refused('5/24/00')],
    ['blocks past the end', '2f 00 0000003f 00 0002 00', {}, refused('5/21/00')],
    ['with protection', '2f 20 00000005 00 0001 00', {}, refused('5/24/00')],
  ])('%s', (_about, cdb, data, expected) => {
    expect(send(fullUnit(), cdb, data)).toMatchObject(expected);
  });
});

describe('COMPARE AND WRITE', () => {
  test('writes where the blocks are equal', () => {
    const unit = fullUnit();

    const answer = send(unit, '89 00 0000000000000005 000000 02 00 00', { out: of(5, 6, 0x77, 0x88) });

    expect(answer).toMatchObject({ ...GOOD, transferred: 2048 });
    expect(blocksOf(unit, 4, 4)).toEqual([4, 0x77, 0x88, 7]);
  });

  test('writes nothing where they differ, and says at which byte', () => {
    const unit = fullUnit();
    const out = of(5, 6, 0x77, 0x88);
    out[700] = 0;

    const answer = send(unit, '89 00 0000000000000005 000000 02 00 00', { out });

    expect(answer).toMatchObject({ ...refused('e/1d/00'), information: 700 });
    expect(blocksOf(unit, 5, 2)).toEqual([5, 6]);
  });

  test('of no blocks is good', () => {
    expect(send(fullUnit(), '89 00 0000000000000005 000000 00 00 00')).toMatchObject(GOOD);
  });
});

describe('WRITE SAME', () => {
  test.each([
    ['by 10 bytes', '41 00 0000000a 00 0003 00', of(0x55), [9, 0x55, 0x55, 0x55, 13]],
    ['by 16 bytes', '93 00 000000000000000a 00000003 00 00', of(0x55), [9, 0x55, 0x55, 0x55, 13]],
    ['that may unmap, of other than zeros', '41 08 0000000a 00 0003 00', of(0x55), [9, 0x55, 0x55, 0x55, 13]],
    ['that may unmap, of zeros', '41 08 0000000a 00 0003 00', of(0), [9, 0, 0, 0, 13]],
    ['without data', '93 01 000000000000000a 00000003 00 00', of(), [9, 0, 0, 0, 13]],
    ['up to the end', '41 00 0000000a 00 0000 00', of(0x55), [9, 0x55, 0x55, 0x55, 0x55]],
  ])('%s', (_about, cdb, out, blocks) => {
    const unit = fullUnit();

    expect(send(unit, cdb, { out })).toMatchObject(GOOD);
    expect(blocksOf(unit, 9, 5)).toEqual(blocks);
  });

  test.each([
    ['an anchor', '93 18 000000000000000a 00000003 00 00', of(0), '5/24/00'],
    ['two blocks of data', '41 00 0000000a 00 0003 00', of(1, 2), '5/24/00'],
    ['blocks past the end', '41 00 0000003e 00 0003 00', of(1), '5/21/00'],
    ['the block behind the last', '41 00 00000040 00 0000 00', of(1), '5/21/00'],
  ])('refuses %s', (_about, cdb, out, sense) => {
    expect(send(fullUnit(), cdb, { out })).toMatchObject(refused(sense));
  });
});

test('a unit that was stopped is not ready for its medium, and for the rest', () => {
  const unit = fullUnit();
  send(unit, '1b 00 00 00 00 00');

  expect(send(unit, '00 00 00 00 00 00')).toMatchObject(refused('2/04/02'));
  expect(send(unit, '28 00 00000000 00 0001 00', { room: BLOCK })).toMatchObject(refused('2/04/02'));
  expect(send(unit, '12 00 00 0024 00', { room: 36 })).toMatchObject(GOOD);
  expect(send(unit, '1a 08 08 00 18 00', { room: 24 })).toMatchObject(GOOD);
  expect(send(unit, '1b 00 00 00 01 00')).toMatchObject(GOOD);
  expect(send(unit, '00 00 00 00 00 00')).toMatchObject(GOOD);
});

test.each([
  ['PRE-FETCH', '34 00 00000000 00 0004 00', 0, { status: 4, sense: '' }],
  ['PRE-FETCH past the end', '90 00 000000000000003f 00000002 00 00', 0, refused('5/21/00')],
  ['READ DEFECT DATA(10)', '37 00 1d 00000000 0008 00', 8, { ...GOOD, data: '001d0000' }],
  ['READ DEFECT DATA(12)', 'b7 1d 00000000 00000010 00 00', 16, { ...GOOD, data: '001d000000000000' }],
  ['LOG SENSE of page 00', '4d 00 00 00 00 0000 0010 00', 16, { ...GOOD, data: '0000000300102f' }],
  ['LOG SENSE of page 0D', '4d 00 0d 00 00 0000 0010 00', 16, refused('5/24/00')],
  ['SEND DIAGNOSTIC, a self-test', '1d 04 00 0000 00', 0, GOOD],
  ['PREVENT ALLOW', '1e 00 00 00 01 00', 0, GOOD],
  ['task management', 'a3 0d 00 000000 00000010 00 00', 16, { ...GOOD, data: 'dc030000' }],
  [
    'task management, and timeouts',
    'a3 0d 80 000000 00000010 00 00',
    16,
    { ...GOOD, data: `dc03000c${'00'.repeat(12)}` },
  ],
  [
    'an LBA that has data',
    '9e 12 0000000000000005 00000018 00 00',
    24,
    { ...GOOD, data: `${'00000014'}${'00'.repeat(4)}00000000000000050000003b00000000` },
  ],
  ['an LBA past the end', '9e 12 0000000000000040 00000018 00 00', 24, refused('5/21/00')],
])('%s', (_about, cdb, room, expected) => {
  expect(send(fullUnit(), cdb, { room })).toMatchObject(expected);
});

test('GET LBA STATUS says what was never written', () => {
  const unit = new LogicalUnit('disk0', new MemoryMedium(1 << 30), { commands: 'all' });
  unit.takeAttention();
  unit.medium.write(1 << 20, of(1), 0, BLOCK);
  const lbaOf = (lba: number) =>
    send(unit, `9e 12 ${lba.toString(16).padStart(16, '0')} 00000018 00 00`, { room: 24 }).data.slice(32);

  expect([lbaOf(0), lbaOf(2048), lbaOf(2176)]).toEqual([
    '0000080001000000',
    '0000008000000000',
    '001ff78001000000',
  ]);
});

test.each([
  ['FORMAT UNIT', '04 00 00 00 00 00', undefined, 0],
  ['FORMAT UNIT as sg_format sends it', '04 18 00 00 00 00', Uint8Array.of(0, 2, 0, 0), 0],
  ['FORMAT UNIT with a long list', '04 30 00 00 00 00', new Uint8Array(8), 0],
  ['SANITIZE by erasing', '48 82 0000000000 0000 00', undefined, 0],
  ['SANITIZE by overwriting', '48 01 0000000000 0006 00', Uint8Array.of(1, 0, 0, 2, 0x5a, 0x5a), 0x5a],
  [
    'SANITIZE by overwriting twice, inverted',
    '48 01 0000000000 0006 00',
    Uint8Array.of(0x82, 0, 0, 2, 0x5a, 0x5a),
    0xa5,
  ],
])('%s leaves nothing of what was there', (_about, cdb, out, left) => {
  const unit = fullUnit();

  expect(send(unit, cdb, out && { out })).toMatchObject(GOOD);
  expect(new Set(blocksOf(unit, 0, BLOCKS))).toEqual(new Set([left]));
});

test.each([
  ['a list of defects', '04 10 00 00 00 00', Uint8Array.of(0, 0, 0, 8)],
  ['a pattern', '04 10 00 00 00 00', Uint8Array.of(0, 8, 0, 0)],
])('FORMAT UNIT with %s is refused', (_about, cdb, out) => {
  expect(send(fullUnit(), cdb, { out })).toMatchObject(refused('5/26/00'));
});

test.each([
  '04 00 00 00 00 00',
  '41 00 00000000 00 0001 00',
  '48 02 0000000000 0000 00',
  '89 00 0000000000000000 000000 01 00 00',
  '8b 00 0000000000000000 00000001 00 00',
  '9c 00 0000000000000000 0000 0001 00 00',
  '2e 00 00000000 00 0001 00',
])('a medium that is read only refuses %s', (cdb) => {
  expect(send(fullUnit(true), cdb, { out: of(0, 0) })).toMatchObject(refused('7/27/00'));
});

test.each([
  ['WRITE with FUA', '2a 08 00000001 00 0001 00', 1],
  ['WRITE without FUA', '2a 00 00000001 00 0001 00', 0],
  ['WRITE(6), whose LBA has that bit,', '0a 08 0001 01 00', 0],
  ['WRITE SAME, whose UNMAP is that bit,', '41 08 00000001 00 0001 00', 0],
  ['WRITE AND VERIFY', '2e 02 00000001 00 0001 00', 1],
  ['SANITIZE', '48 82 0000000000 0000 00', 1],
  ['FORMAT UNIT', '04 00 00 00 00 00', 1],
])('a write by %s flushes, or does not', (_about, cdb, times) => {
  const unit = fullUnit();
  let flushes = 0;
  unit.medium.flush = () => ++flushes > 0;

  send(unit, cdb, { out: of(9) });

  expect(flushes).toBe(times);
});

describe('against an array of bytes', () => {
  const lba = fc.nat(BLOCKS - 8);
  const count = fc.integer({ min: 1, max: 4 });
  const fill = fc.nat(255);
  const deed = fc.record({ what: fc.nat(5), lba, count, fill });
  const u32 = (value: number) => value.toString(16).padStart(8, '0');

  /** What each does to a block, by what was there. */
  const DEEDS: readonly ((at: string, n: string) => string)[] = [
    (at, n) => `8a 08 00000000${at} ${n} 00 00`,
    (at, n) => `8b 00 00000000${at} ${n} 00 00`,
    (at, n) => `93 00 00000000${at} ${n} 00 00`,
    (at, n) => `9c 00 00000000${at} 0000 ${n.slice(4)} 00 00`,
    (at, n) => `8e 02 00000000${at} ${n} 00 00`,
    (at, n) => `89 00 00000000${at} 000000 ${n.slice(6)} 00 00`,
  ];
  const [OR, SAME, COMPARE] = [1, 2, 5];

  test('any writes leave the blocks that they should', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 30 }), (deeds) => {
        const unit = fullUnit();
        const model = Array.from({ length: BLOCKS }, (_, i) => i);
        for (const { what, lba: at, count: n, fill: byte } of deeds) {
          const before = model.slice(at, at + n);
          const data = new Array<number>(n).fill(byte);
          const sent = what === SAME ? [byte] : what === COMPARE ? [...before, ...data] : data;
          const cdb = DEEDS[what]!(u32(at), u32(n));
          expect(send(unit, cdb, { out: of(...sent) })).toMatchObject(GOOD);
          before.forEach((old, i) => {
            model[at + i] = what === OR ? old | byte : byte;
          });
        }
        expect(blocksOf(unit, 0, BLOCKS)).toEqual(model);
      }),
    );
  });
});
