import { describe, expect, test } from 'vitest';
import { freshBytes } from './fresh-bytes.ts';
import { GuestMemory } from './memory.ts';

const MIB = 1 << 20;
/** The shortest length that shares a buffer. No test writes to all of it, so it takes no memory. */
const SHARED = 64 * MIB;
/** Enough for slabs that hold several lengths. */
const some = () => Array.from({ length: 8 }, () => freshBytes(SHARED));

describe('fresh bytes', () => {
  test('of machines that are made one after another lie in one buffer', () => {
    const buffers = new Set(some().map(({ buffer }) => buffer));

    expect(buffers.size).toBeLessThan(8);
  });

  test('are zero, whatever was written to those before', () => {
    for (const bytes of some()) bytes[bytes.length - 1] = bytes[0] = 0xff;

    const next = some();

    expect(next.map((bytes) => [bytes[0], bytes[bytes.length - 1]])).toEqual(next.map(() => [0, 0]));
  });

  test('begin on a page boundary, whatever length was asked for before', () => {
    freshBytes(SHARED + 1);

    expect(freshBytes(SHARED).byteOffset % 4096).toBe(0);
  });

  test('are a buffer of their own if short', () => {
    expect(freshBytes(SHARED - 1).buffer.byteLength).toBe(SHARED - 1);
  });

  test('are a buffer of their own if long', () => {
    expect(freshBytes(256 * MIB + 1).buffer.byteLength).toBe(256 * MIB + 1);
  });

  test('are refused if the process cannot allocate them', () => {
    expect(() => freshBytes(2 ** 53)).toThrow(RangeError);
  });
});

describe('RAM of fresh bytes', () => {
  test('has a store that reaches no other machine', () => {
    const memories = Array.from({ length: 8 }, () => GuestMemory.of(SHARED, undefined, SHARED, 4096));

    const stores = memories.map(({ ranges }) => ranges[0]!.store.bytes);

    expect(new Set(stores.map(({ buffer }) => buffer)).size).toBeLessThan(8);
    expect(stores.map(({ length }) => length)).toEqual(stores.map(() => SHARED + 4096));
  });

  test('has staging of its own behind it', () => {
    const memories = Array.from({ length: 8 }, () => GuestMemory.of(SHARED, undefined, SHARED, 4096));
    const pieces = memories.map((memory) => memory.staging(8));

    for (const [i, { bytes }] of pieces.entries()) bytes.fill(i);

    expect(pieces.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(pieces.map(({ store, at }) => store.bytes[at])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(memories.map((memory) => memory.slice(0, 8))).toEqual(pieces.map(() => new Uint8Array(8)));
  });
});
