import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unpackBlock } from './lz4.ts';

function unpacked(...bytes: readonly number[]): string {
  const to = new Uint8Array(1000);
  return Buffer.from(to.subarray(0, unpackBlock(Uint8Array.from(bytes), to))).toString('latin1');
}

describe('a block of LZ4', () => {
  // Token: four bits each for the literals' length and the match's, less four. Offset: two bytes, the low one first.
  test.each<[string, string, readonly number[]]>([
    ['literals alone', 'abc', [0x30, 97, 98, 99]],
    ['a match behind its source', 'abcdabcdx', [0x40, 97, 98, 99, 100, 4, 0, 0x10, 120]],
    ['a match that reaches into itself', 'ababababx', [0x22, 97, 98, 2, 0, 0x10, 120]],
    ['a length of 15 and more', `${'a'.repeat(20)}x`, [0x1f, 97, 1, 0, 0, 0x10, 120]],
    ['a length of 15 and 255 and more', `${'a'.repeat(276)}x`, [0x1f, 97, 1, 0, 255, 1, 0x10, 120]],
    ['literals of 15 and more', 'abcdefghijklmnop', [0xf0, 1, ...Buffer.from('abcdefghijklmnop')]],
    ['nothing', '', [0]],
  ])('has %s', (_what, text, bytes) => {
    expect(unpacked(...bytes)).toBe(text);
  });

  test.each<[string, string, readonly number[]]>([
    ['ends in its literals', 'a block is cut off', [0x30, 97]],
    ['ends in an offset', 'a block is cut off', [0x10, 97, 1]],
    ['ends in a length', 'a block is cut off', [0xf0, 255]],
    ['has an offset of 0', 'a match 0 bytes before byte 1', [0x10, 97, 0, 0]],
    ['begins before its beginning', 'a match 2 bytes before byte 1', [0x10, 97, 2, 0]],
    ['is longer than it may be', 'unpacks to more than 1000 bytes', [0x1f, 97, 1, 0, 255, 255, 255, 255, 0]],
  ])('is refused if it %s', (_what, said, bytes) => {
    expect(() => unpacked(...bytes)).toThrow(said);
  });

  test('of any bytes is unpacked or refused, and writes nothing behind its end', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        const memory = new Uint8Array(300);
        let size = 0;
        try {
          size = unpackBlock(bytes, memory.subarray(0, 256));
        } catch (error) {
          expect(String(error)).toMatch(/^Error: a (block|match) /);
        }
        expect(size).toBeLessThanOrEqual(256);
        expect(memory.subarray(256)).toEqual(new Uint8Array(44));
      }),
    );
  });
});
