import { describe, expect, test } from 'vitest';
import { hex } from './bytes-rig.ts';
import { struct } from './struct.ts';

const MEMBERS = { byte: 'u8', half: 'u16', run: { bytes: 3 }, word: 'u32', long: 'u64' } as const;
const LITTLE = struct('little', 'le', MEMBERS);
const BIG = struct('big', 'be', MEMBERS);
const VALUES = {
  byte: 0x01,
  half: 0x0203,
  run: Uint8Array.of(4, 5, 6),
  word: 0x8708_090a,
  long: 0xfb0c_0d0e_0f10_1112n,
};
const text = (from: Uint8Array) => Buffer.from(from).toString('hex');

describe('a structure', () => {
  test('has its members one after another, unpadded', () => {
    expect(LITTLE.offset).toEqual({ byte: 0, half: 1, run: 3, word: 6, long: 10 });
    expect(LITTLE.size).toBe(18);
  });

  test('is laid out little-endian', () => {
    expect(LITTLE.encode(VALUES)).toEqual(hex('01 0302 040506 0a090887 1211100f0e0d0cfb'));
  });

  test('is laid out big-endian', () => {
    expect(BIG.encode(VALUES)).toEqual(hex('01 0203 040506 8708090a fb0c0d0e0f101112'));
  });

  test.each([
    ['little', LITTLE],
    ['big', BIG],
  ])('decodes what it encoded, %s-endian, with unsigned numbers', (_name, layout) => {
    expect(layout.decode(layout.encode(VALUES))).toEqual(VALUES);
  });

  test('is read and written at an offset, and members not named keep their bytes', () => {
    const buffer = new Uint8Array(22).fill(0xee);
    BIG.encode({ half: 0x1234 }, buffer, 2);
    expect(text(buffer)).toBe(`${'ee'.repeat(3)}1234${'ee'.repeat(17)}`);
    expect(BIG.decode(buffer, 2).half).toBe(0x1234);
  });

  test('shows a run of bytes as a view, not as a copy', () => {
    const buffer = new Uint8Array(18);
    LITTLE.decode(buffer).run[0] = 0x99;
    expect(buffer[3]).toBe(0x99);
  });

  test('as text has small numbers in decimal and the others in hexadecimal', () => {
    const said = LITTLE.format(LITTLE.encode(VALUES));
    expect(said).toBe('byte=1 half=203h run=040506 word=8708090ah long=fb0c0d0e0f101112h');
  });

  test('does not reach past the given bytes, even where their buffer goes on', () => {
    const window = new Uint8Array(64).subarray(0, 20);
    expect(() => LITTLE.decode(window, 3)).toThrow(RangeError);
    expect(() => LITTLE.encode(VALUES, window, 3)).toThrow(RangeError);
    expect(() => LITTLE.decode(window, 2)).not.toThrow();
  });
});
