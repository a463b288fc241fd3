import { describe, expect, test } from 'vitest';
import { register } from './register.ts';
import { registerBlock } from './register-block.ts';

const SELECT = register('SELECT', 0x0e, 2, { QUEUE: { at: [15, 0] } });
const STATUS = register('STATUS', 0x12, 1, { ACKNOWLEDGE: { at: 0 }, DRIVER: { at: 1 } });
const BLOCK = registerBlock([STATUS, SELECT]);

describe('a register is found', () => {
  test.each([
    [0x0e, SELECT],
    [0x0f, null],
    [0x12, STATUS],
    [0x13, null],
    [0x1000, null],
    [-1, null],
  ])('at %i, its offset, and nowhere else', (offset, found) => {
    expect(BLOCK.at(offset)).toBe(found);
  });

  test('at one place only: a second one there is an error of the declaration', () => {
    expect(() => registerBlock([STATUS, { ...SELECT, offset: 0x12 }])).toThrow(
      'SELECT begins where STATUS does',
    );
  });
});

describe('an access is described', () => {
  test('by name, with its fields where there are several', () => {
    const status = BLOCK.describe({ offset: 0x12, width: 1, value: 3, write: true }, 'net0');
    const select = BLOCK.describe({ offset: 0x0e, width: 2, value: 3, write: false });

    expect([status, select]).toEqual(['net0 STATUS ← 03  ACKNOWLEDGE DRIVER', 'SELECT → 0003']);
  });

  test('with as many digits as it had', () => {
    expect(BLOCK.describe({ offset: 0x0e, width: 4, value: 3, write: true })).toBe('SELECT ← 00000003');
  });

  test('without a value until it is answered', () => {
    const access = { width: 1, value: null, write: false };
    const said = [0x12, 0x13].map((offset) => BLOCK.describe({ ...access, offset }, 'net0'));

    expect(said).toEqual(['net0 STATUS', 'net0+13']);
  });

  test('by its offset where no register begins', () => {
    const access = { offset: 0x0d, width: 1, value: 3, write: true };

    expect([BLOCK.describe(access, 'net0'), BLOCK.describe(access, '', 'common')]).toEqual([
      'net0+0d ← 03',
      'common+0d ← 03',
    ]);
  });
});
