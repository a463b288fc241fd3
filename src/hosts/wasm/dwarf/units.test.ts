import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Units } from './units.ts';

const NOTHING = new Uint8Array(0);
const text = (value: string) => [...new TextEncoder().encode(value), 0];
const sized = (bytes: readonly number[]) => [bytes.length, 0, 0, 0, ...bytes];

/** A unit, 1, in a folder; a function, 2, with its name; one, 3, with an inlined call, 4, of the function at 24h. */
const ABBREVIATIONS = [
  ...[1, 0x11, 1, 0x10, 0x17, 0x1b, 8, 0, 0],
  ...[2, 0x2e, 0, 3, 8, 0, 0],
  ...[3, 0x2e, 1, 3, 8, 0, 0],
  ...[4, 0x1d, 0, 0x31, 0x13, 0x11, 1, 0x12, 6, 0x58, 0x0b, 0x59, 0x0b, 0x57, 0x0b, 0, 0],
  0,
];
const u32 = (value: number) => [value, 0, 0, 0];
const NAMED = [...[1, ...u32(7), ...text('/home/me')], ...[2, ...text('in8')], ...[3, ...text('attach')]];
const CALL = [4, ...u32(0x19), ...u32(0x40), ...u32(8), 2, 30, 5];
const INFO = sized([4, 0, ...u32(0), 4, ...NAMED, ...CALL, 0, 0]);

const unitsOf = (info: readonly number[], abbrev: readonly number[] = ABBREVIATIONS) =>
  new Units({
    info: Uint8Array.from(info),
    abbrev: Uint8Array.from(abbrev),
    str: NOTHING,
    lineStr: NOTHING,
    strOffsets: NOTHING,
    addr: NOTHING,
    ranges: NOTHING,
    rnglists: NOTHING,
  });

test('an inlined call has its range, its function and its place', () => {
  const units = unitsOf(INFO);
  const [call] = units.callsAt(0x47);

  expect(call).toMatchObject({ begin: 0x40, end: 0x48, table: 7, file: 2, line: 30, column: 5 });
  expect(units.nameOf(call!.origin)).toBe('in8');
  expect(units.callsAt(0x48)).toEqual([]);
  expect([...units.folders]).toEqual([[7, '/home/me']]);
});

test('any bytes are read, or refused as what makes no sense', () => {
  const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 80 });
  const damaged = fc
    .tuple(fc.nat(INFO.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => INFO.with(at, byte));

  fc.assert(
    fc.property(fc.oneof(bytes, damaged), fc.oneof(bytes, fc.constant(ABBREVIATIONS)), (info, abbrev) => {
      expect(outcomeOf(() => unitsOf(info, abbrev).callsAt(0x47))).not.toBe('broken');
    }),
  );
});

/** What it does with bytes that no compiler wrote. */
function outcomeOf(act: () => void): string {
  try {
    act();
    return 'read';
  } catch (error) {
    return error instanceof RangeError ? 'refused' : 'broken';
  }
}
