import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MisuseError } from '../core/misuse.ts';
import { MemoryMedium } from './memory.ts';
import { WriteBackMedium } from './write-back.ts';

const BLOCK = 512;
const BLOCKS = 64;
const of = (byte: number, blocks: number) => new Uint8Array(blocks * BLOCK).fill(byte);

/** Ones, and what `seed` makes of a loss of power. */
function disk(seed: number, cache?: number) {
  const below = MemoryMedium.from(of(1, BLOCKS));
  return new WriteBackMedium(below, cache === undefined ? { seed } : { seed, cache });
}

/** The one byte of each block; -1 where it has several. */
function bytesOf(medium: WriteBackMedium): number[] {
  const all = new Uint8Array(BLOCKS * BLOCK);
  medium.read(0, all, 0, all.length);
  return Array.from({ length: BLOCKS }, (_, i) => {
    const block = all.subarray(i * BLOCK, (i + 1) * BLOCK);
    return block.every((byte) => byte === block[0]) ? block[0]! : -1;
  });
}

/** What each seed leaves of blocks 0 and 1. */
function leftBy(deed: (medium: WriteBackMedium) => void): Set<string> {
  const left = Array.from({ length: 100 }, (_, seed) => {
    const medium = disk(seed);
    deed(medium);
    medium.powerCut();
    return bytesOf(medium).slice(0, 2).join();
  });
  return new Set(left);
}

describe('a loss of power leaves', () => {
  test.each<[string, (medium: WriteBackMedium) => void, string[]]>([
    ['of a write all, nothing or a part', (m) => m.write(0, of(2, 2), 0, 1024), ['1,1', '1,2', '2,1', '2,2']],
    [
      'of two writes the later and not the earlier, too',
      (m) => [m.write(0, of(2, 1), 0, 512), m.write(512, of(3, 1), 0, 512)],
      ['1,1', '1,3', '2,1', '2,3'],
    ],
    [
      'of a block any contents that it had since',
      (m) => [m.write(0, of(2, 1), 0, 512), m.write(0, of(3, 1), 0, 512)],
      ['1,1', '2,1', '3,1'],
    ],
    [
      'of a block in two pieces of memory no half',
      (m) => [m.write(0, of(2, 1), 0, 100), m.write(100, of(2, 1), 0, 412)],
      ['1,1', '2,1'],
    ],
    ['of an unmap as of a write', (m) => m.unmap(0, 1024), ['0,0', '0,1', '1,0', '1,1']],
    ['all that was flushed', (m) => [m.write(0, of(2, 2), 0, 1024), m.flush()], ['2,2']],
    [
      'all of the blocks that were flushed',
      (m) => [m.write(0, of(2, 2), 0, 1024), m.flush(512, 512)],
      ['1,2', '2,2'],
    ],
  ])('%s', (_what, deed, possible) => {
    expect([...leftBy(deed)].sort()).toEqual(possible);
  });

  test('the same for the same seed', () => {
    const left = [7, 7].map((seed) => {
      const medium = disk(seed);
      medium.write(0, of(2, BLOCKS), 0, BLOCKS * BLOCK);
      medium.powerCut();
      return bytesOf(medium);
    });

    expect(left[0]).toEqual(left[1]);
  });

  test('what a full cache gave to the disk below', () => {
    const medium = disk(1, 8 * BLOCK);
    medium.write(0, of(2, BLOCKS), 0, BLOCKS * BLOCK);
    medium.powerCut();

    expect(new Set(bytesOf(medium).slice(0, BLOCKS - 8))).toEqual(new Set([2]));
  });
});

test('after any deeds it reads as an array does, and a loss of power takes nothing flushed', () => {
  const deed = fc.record({
    what: fc.constantFrom('write', 'write', 'unmap', 'flush'),
    at: fc.nat(BLOCKS - 8),
    count: fc.integer({ min: 1, max: 8 }),
    byte: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 30 }), fc.nat(1000), (deeds, seed) => {
      const medium = disk(seed);
      const possible = Array.from({ length: BLOCKS }, () => [1]);
      for (const { what, at, count, byte } of deeds) {
        const put = what === 'unmap' ? 0 : byte;
        if (what === 'flush') medium.flush();
        else if (what === 'unmap') medium.unmap(at * BLOCK, count * BLOCK);
        else medium.write(at * BLOCK, of(byte, count), 0, count * BLOCK);
        possible.forEach((one, i) => {
          if (what === 'flush') one.splice(0, one.length - 1);
          else if (i >= at && i < at + count) one.push(put);
        });
      }
      expect(bytesOf(medium)).toEqual(possible.map((one) => one.at(-1)));
      medium.powerCut();
      expect(bytesOf(medium).filter((byte, i) => !possible[i]!.includes(byte))).toEqual([]);
    }),
  );
});

test('a disk that shrank has nothing behind its end', () => {
  const medium = disk(3);
  medium.write(0, of(2, BLOCKS), 0, BLOCKS * BLOCK);
  medium.resize!(8 * BLOCK);
  medium.powerCut();

  expect(medium.blocks).toBe(8);
});

test.each([
  ['no medium', () => new WriteBackMedium({} as MemoryMedium)],
  ['a seed that is none', () => disk(-1)],
  ['a cache of half a byte', () => disk(1, 0.5)],
])('%s is refused', (_what, made) => {
  expect(made).toThrow(MisuseError);
});

describe('with tears at any byte', () => {
  const torn = (tears: 'blocks' | 'bytes') => {
    const left = Array.from({ length: 50 }, (_, seed) => {
      const medium = new WriteBackMedium(MemoryMedium.from(of(1, BLOCKS)), { seed, tears });
      medium.write(0, of(2, BLOCKS), 0, BLOCKS * BLOCK);
      medium.powerCut();
      return medium;
    });
    return left;
  };

  test('a block may begin with its last contents and end with earlier ones', () => {
    const [medium] = torn('bytes').filter((one) => bytesOf(one)[0] === -1);
    const block = new Uint8Array(BLOCK);
    medium!.read(0, block, 0, BLOCK);

    expect(block.join('')).toMatch(/^2+1+$/);
  });

  test('no block is mixed otherwise', () => {
    expect(torn('blocks').flatMap(bytesOf)).not.toContain(-1);
  });

  test('other words are refused', () => {
    expect(() => new WriteBackMedium(new MemoryMedium(512), { tears: 'sectors' as never })).toThrow(
      'writeBack.tears must be blocks or bytes; got "sectors"',
    );
  });
});
