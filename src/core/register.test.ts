import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { register } from './register.ts';

/** One field of each kind, and bit 7 of none. */
const MIXED = register(
  'MIXED',
  5,
  2,
  {
    STORED: { at: [1, 0] },
    FIXED: { at: 2, access: 'ro' },
    BLIND: { at: 3, access: 'wo' },
    READ_CLEARS: { at: 4, access: 'rc' },
    ONE_CLEARS: { at: [6, 5], access: 'w1c' },
    NOT_YET: { at: [15, 8], access: 'reserved' },
  },
  { reset: 0x0014 },
);
/** The highest bit, where signed arithmetic goes wrong. */
const HIGH = register('HIGH', 0, 4, { LOW: { at: [30, 0] }, TOP: { at: 31 } });
const WHOLE = register('WHOLE', 0, 4, { VALUE: { at: [31, 0] } });

describe('masks of a register', () => {
  test('lie where the fields are declared', () => {
    expect(MIXED.mask).toEqual({
      STORED: 0x03,
      FIXED: 0x04,
      BLIND: 0x08,
      READ_CLEARS: 0x10,
      ONE_CLEARS: 0x60,
      NOT_YET: 0xff00,
    });
    expect(MIXED.shift.NOT_YET).toBe(8);
  });

  test('sort the bits by kind of access', () => {
    const { writable, w1c, rc, readable } = MIXED;
    expect({ writable, w1c, rc, readable }).toEqual({ writable: 0x0b, w1c: 0x60, rc: 0x10, readable: 0x77 });
  });

  test('are positive at bit 31', () => {
    expect([HIGH.mask.TOP, WHOLE.mask.VALUE, WHOLE.writable, HIGH.readable]).toEqual([
      0x8000_0000, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff,
    ]);
  });

  test('take the access of the register where a field names none', () => {
    const status = register('S', 0, 1, { A: { at: 0 }, B: { at: 1, access: 'ro' } }, { access: 'w1c' });
    expect([status.w1c, status.writable]).toEqual([0x01, 0]);
  });
});

describe('a declaration is refused', () => {
  test('when two fields share a bit', () => {
    const overlap = () => register('R', 0, 1, { A: { at: [3, 1] }, B: { at: 3 } });
    expect(overlap).toThrow(new RangeError('R.B overlaps another field'));
  });

  test('when two fields share bit 31', () => {
    const overlap = () => register('R', 0, 4, { A: { at: [31, 0] }, B: { at: 31 } });
    expect(overlap).toThrow(RangeError);
  });

  test.each([
    ['one bit too high for a byte', 1, 8],
    ['one bit too high for a word', 2, 16],
    ['one bit too high for a doubleword', 4, 32],
    ['the bits the wrong way round', 4, [0, 7]],
  ] as const)('with %s', (_what, width, at) => {
    const wrong = () => register('R', 0, width, { A: { at } });
    expect(wrong).toThrow(new RangeError(`R.A does not fit ${width} bytes`));
  });
});

describe('a write', () => {
  test('stores rw and wo, clears w1c where a 1 is written, and touches nothing else', () => {
    expect(MIXED.write(0x0074, 0x0000)).toBe(0x0074);
    expect(MIXED.write(0x0074, 0xffff)).toBe(0x001f);
    expect(MIXED.write(0x0074, 0x0020)).toBe(0x0054);
  });

  test('of bit 31 stays positive', () => {
    expect(HIGH.write(0, 0x8000_0000)).toBe(0x8000_0000);
    expect(WHOLE.write(0xffff_ffff, 0)).toBe(0);
  });

  test('never changes a bit that is neither writable nor cleared by 1', () => {
    const kept = 0xffff & ~(MIXED.writable | MIXED.w1c);
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), (old, value) => {
        expect(MIXED.write(old, value) & kept).toBe(old & kept);
      }),
    );
  });
});

describe('fields and values', () => {
  test('decode shifts down, encode puts in place', () => {
    expect(MIXED.decode(0xab46)).toEqual({
      STORED: 2,
      FIXED: 1,
      BLIND: 0,
      READ_CLEARS: 0,
      ONE_CLEARS: 2,
      NOT_YET: 0xab,
    });
    expect(MIXED.encode({ STORED: 2, FIXED: 1, ONE_CLEARS: 2, NOT_YET: 0xab })).toBe(0xab46);
  });

  test('encode cuts what is too wide, so that it cannot spill into a neighbour', () => {
    expect(MIXED.encode({ STORED: 0xff })).toBe(0x03);
  });

  test('decode undoes encode, bit 31 included', () => {
    fc.assert(
      fc.property(fc.nat(0x7fff_ffff), fc.nat(1), (LOW, TOP) => {
        expect(HIGH.decode(HIGH.encode({ LOW, TOP }))).toEqual({ LOW, TOP });
      }),
    );
  });

  test('the text names bits, gives numbers from ten on in hexadecimal, and leaves zeros out', () => {
    expect(MIXED.format(0)).toBe('0');
    expect(MIXED.format(0x0900)).toBe('NOT_YET=9');
    expect(MIXED.format(0x0a06)).toBe('STORED=2 FIXED NOT_YET=ah');
    expect(HIGH.format(0x8000_0000)).toBe('TOP');
  });
});
