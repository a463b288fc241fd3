import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Aml,
  ARG0,
  and,
  buffer,
  byteFields,
  device,
  dwordOf,
  eisaId,
  giveBack,
  integer,
  method,
  name,
  nameString,
  or,
  pack,
  pkgLength,
  processor,
  scope,
  store,
  string,
  when,
} from './aml.ts';

const hex = (bytes: Aml) => Buffer.from(bytes).toString('hex');

/** By the text of 20.2.4, decoded: the total in a PkgLength, and its own length. */
function readPkgLength(bytes: Aml): { total: number; own: number } {
  const lead = bytes[0]!;
  const more = Math.floor(lead / 64);
  const total = bytes
    .slice(1)
    .reduce((sum, byte, i) => sum + byte * 16 * 256 ** i, more === 0 ? lead % 64 : lead % 16);
  return { total, own: 1 + more };
}

/** Both sides of every length at which an encoding grows by a byte, and any value between. */
const lengths = fc.oneof(
  fc.constantFrom(0, 61, 62, 63, 4092, 4093, 4094, 1_048_571, 1_048_572, 268_435_450, 268_435_451),
  fc.nat(0x0fff_fffb),
);

describe('PkgLength', () => {
  test('counts itself and what follows, as read by a separate decoder', () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const { total, own } = readPkgLength(pkgLength(length));
        expect([total, own]).toEqual([length + own, pkgLength(length).length]);
      }),
    );
  });

  test.each([
    [62, '3f'],
    [63, '4104'],
    [4093, '4fff'],
    [4094, '810001'],
    [1_048_572, '8fffff'],
    [1_048_573, 'c1000001'],
    [268_435_451, 'cfffffff'],
  ])('of %i bytes is %s: as short as it can be', (length, bytes) => {
    expect(hex(pkgLength(length))).toBe(bytes);
  });

  test('of more than 28 bits is misuse', () => {
    expect(() => pkgLength(268_435_452)).toThrow('aml.length must be at most 268435451 bytes; got 268435452');
  });
});

/** NamePath and its bytes, by 20.2.2. */
const NAMES: readonly (readonly [path: string, bytes: string])[] = [
  ['', '00'],
  ['\\', '5c00'],
  ['^', '5e00'],
  ['LNKA', '4c4e4b41'],
  ['ISA', '4953415f'],
  ['\\_SB', '5c5f53425f'],
  ['^^PRQ0', '5e5e50525130'],
  ['\\_SB.PCI0', '5c2e5f53425f50434930'],
  ['\\_SB.PCI0.ISA', '5c2f035f53425f504349304953415f'],
];

describe('names', () => {
  test.each(NAMES)('"%s" is %s', (path, bytes) => {
    expect(hex(nameString(path))).toBe(bytes);
  });

  test.each(['lnka', '0ABC', 'TOOLONG', '_SB..PCI0', '_SB.', '\\^A', 'A\n'])('"%s" is misuse', (path) => {
    expect(() => nameString(path)).toThrow('must be a path of names of up to four letters');
  });

  test.each([
    ['PNP0A03', '0c41d00a03'],
    ['PNP0501', '0c41d00501'],
    ['PNP0C0F', '0c41d00c0f'],
  ])('%s is the integer %s', (id, bytes) => {
    expect(hex(eisaId(id))).toBe(bytes);
  });

  test.each(['PNP0A0', 'pnp0a03', 'PNP0A03X'])('"%s" as an identifier is misuse', (id) => {
    expect(() => eisaId(id)).toThrow('must be three letters and four hex digits');
  });
});

test('a path of 255 names is valid, of 256 misuse', () => {
  const path = (count: number) => new Array<string>(count).fill('A').join('.');
  expect(nameString(path(255)).slice(0, 2)).toEqual([0x2f, 255]);
  expect(() => nameString(path(256))).toThrow('must be a path of names');
});

describe('integers', () => {
  test.each([
    [0, '00'],
    [1, '01'],
    [2, '0a02'],
    [0xff, '0aff'],
    [0x100, '0b0001'],
    [0xffff, '0bffff'],
    [0x1_0000, '0c00000100'],
    [0xffff_ffff, '0cffffffff'],
  ])('%i is %s', (value, bytes) => {
    expect(hex(integer(value))).toBe(bytes);
  });

  test.each([-1, 0.5, 2 ** 32, Number.NaN])('%d is misuse', (value) => {
    expect(() => integer(value)).toThrow('must be a whole number below 2^32');
  });
});

/** The ASL source of each, and the bytes by section 20.2.5. */
const TERMS: readonly (readonly [asl: string, term: Aml, bytes: string])[] = [
  ['Name (A, "b")', name('A', string('b')), '08415f5f5f0d6200'],
  ['Buffer {1, 2}', buffer([1, 2]), '11050a020102'],
  ['Package {0, 5}', pack(integer(0), integer(5)), '120502000a05'],
  ['Scope (\\) {}', scope('\\'), '10035c00'],
  ['Device (A) {}', device('A'), '5b8205415f5f5f'],
  ['Processor (C0, 1, 0xB010, 6) {}', processor('C0', 1, 0xb010, 6), '5b830b43305f5f0110b0000006'],
  ['Method (A, 1, Serialized) {}', method('A', 1, true), '1406415f5f5f09'],
  ['Method (A) {Return (0)}', method('A', 0, false, giveBack(integer(0))), '1408415f5f5f00a400'],
  ['Field (A, ByteAcc) {B, 8}', byteFields('A', ['B']), '5b810b415f5f5f01425f5f5f08'],
  ['If (Arg0) {Store (Zero, A)}', when(ARG0, store(integer(0), nameString('A'))), 'a0086870 00415f5f5f'],
  ['Arg0 & 1', and(ARG0, integer(1)), '7b680100'],
  ['A |= 1', or(nameString('A'), integer(1), nameString('A')), '7d415f5f5f01415f5f5f'],
  ['CreateDWordField (Arg0, 5, A)', dwordOf(ARG0, 5, 'A'), '8a680a05415f5f5f'],
];

describe('terms', () => {
  test.each(TERMS)('%s', (_asl, term, bytes) => {
    expect(hex(term)).toBe(bytes.replaceAll(' ', ''));
  });
});
