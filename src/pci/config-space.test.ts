import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { register } from '../core/register.ts';
import { ConfigSpace } from './config-space.ts';

const MIXED = register('Mixed', 0, 4, {
  STORED: { at: [7, 0] },
  FIXED: { at: [15, 8], access: 'ro' },
  CLEARED: { at: [23, 16], access: 'w1c' },
  TOP: { at: 31 },
});

/** The register at 40 holds 00ff_a500. */
function setUp() {
  const space = new ConfigSpace();
  space.define(MIXED, { reset: 0x00ff_a500 }, 0x40);
  return space;
}

describe('a write', () => {
  test('stores, keeps and clears bit by bit', () => {
    const space = setUp();
    space.write(0x40, 0x800f_ff3c, 4);
    expect(space.read(0x40, 4)).toBe(0x80f0_a53c);
  });

  test('of one byte touches no other', () => {
    const space = setUp();
    space.write(0x42, 0x81, 1);
    space.write(0x41, 0x00, 1);
    expect(space.read(0x40, 4)).toBe(0x007e_a500);
  });

  test('where nothing is declared is lost', () => {
    const space = setUp();
    space.write(0x44, 0xffff_ffff, 4);
    expect(space.read(0x44, 4)).toBe(0);
  });

  test('in pieces has the same effect as at once', () => {
    const value = fc.nat(0xffff_ffff);
    fc.assert(
      fc.property(value, value, (reset, written) => {
        const [whole, halves, bytes] = [setUp(), setUp(), setUp()];
        for (const space of [whole, halves, bytes]) space.set(MIXED, reset, 0x40);
        whole.write(0x40, written, 4);
        for (const i of [0, 2]) halves.write(0x40 + i, written >>> (8 * i), 2);
        for (const i of [0, 1, 2, 3]) bytes.write(0x40 + i, written >>> (8 * i), 1);
        expect([halves.get(MIXED, 0x40), bytes.get(MIXED, 0x40)]).toEqual(
          Array(2).fill(whole.get(MIXED, 0x40)),
        );
        expect(whole.get(MIXED, 0x40)).toBe(MIXED.write(reset, written));
      }),
    );
  });

  test('obeys a function that allows less than the declaration', () => {
    const space = setUp();
    space.define(MIXED, { writable: 0x0f }, 0x50);
    space.write(0x50, 0xffff_ffff, 4);
    expect(space.read(0x50, 4)).toBe(0x0f);
  });
});

describe('the end of configuration space', () => {
  test('reads ones', () => {
    expect(setUp().read(0xfe, 4)).toBe(0xffff_0000);
  });

  test('ignores writes', () => {
    const space = setUp();
    space.define(register('Last', 0xff, 1, { DATA: { at: [7, 0] } }));
    space.write(0xfe, 0xffff_ffff, 4);
    expect([space.read(0xff, 1), space.read(0x00, 4)]).toEqual([0xff, 0]);
  });
});

test('a reset brings back what each function declared', () => {
  const space = setUp();
  space.write(0x40, 0xffff_ffff, 4);
  space.reset();
  expect(space.read(0x40, 4)).toBe(0x00ff_a500);
});

describe('as text', () => {
  test('an access names each register that it touches, and the fields of those it covers', () => {
    const space = setUp();
    space.define(register('Next', 4, 2, { BIT: { at: 0 } }), {}, 0x40);
    expect([
      space.describe({ offset: 0x40, width: 4, value: 0x8000_000a, write: true }),
      space.describe({ offset: 0x42, width: 4, value: 0x0001_0000, write: false }),
      space.describe({ offset: 0x41, width: 1, value: null, write: false }),
      space.describe({ offset: 0x80, width: 2, value: 0xbeef, write: true }),
    ]).toEqual([
      'Mixed ← 8000000a  STORED=ah TOP',
      'Mixed, Next → 00010000  BIT',
      'Mixed',
      'config 80 ← beef',
    ]);
  });

  test('a register that is declared again is named once', () => {
    const space = setUp();
    space.define(MIXED, { reset: 0 }, 0x40);
    expect(space.describe({ offset: 0x40, width: 4, value: 0, write: true })).toBe('Mixed ← 00000000  0');
  });
});
