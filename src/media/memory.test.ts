import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryMedium } from './memory.ts';

function byteAt(disk: MemoryMedium, at: number): number {
  const into = new Uint8Array(1);
  disk.read(at, into, 0, 1);
  return into[0]!;
}

test('a new disk of 4 TiB reads as zeros, into exactly the requested bytes', () => {
  const disk = new MemoryMedium(2 ** 42);
  const into = new Uint8Array(8).fill(9);
  expect(disk.read(2 ** 42 - 4, into, 2, 4)).toBe(true);
  expect([...into]).toEqual([9, 9, 0, 0, 0, 0, 9, 9]);
});

// Three pages of 64 KiB less a block: all kinds of borders.
const SIZE = 3 * 65_536 - 512;
const range = fc
  .record({ offset: fc.nat(SIZE), length: fc.nat(70_000) })
  .map(({ offset, length }) => ({ offset, length: Math.min(length, SIZE - offset) }));
const step = fc.record({ range, fill: fc.integer({ min: 0, max: 255 }), unmap: fc.boolean() });

test('after any writes and unmaps it has the same content as an array', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), range, (steps, seen) => {
      const disk = new MemoryMedium(SIZE);
      const model = new Uint8Array(SIZE);
      for (const { range: at, fill, unmap } of steps) {
        const data = new Uint8Array(at.length + 3).fill(fill);
        model.fill(unmap ? 0 : fill, at.offset, at.offset + at.length);
        unmap ? disk.unmap(at.offset, at.length) : disk.write(at.offset, data, 3, at.length);
      }
      const into = new Uint8Array(seen.length + 2);
      disk.read(seen.offset, into, 1, seen.length);
      const expected = model.subarray(seen.offset, seen.offset + seen.length);
      expect(Buffer.compare(into.subarray(1, seen.length + 1), expected)).toBe(0);
      expect([into[0], into[seen.length + 1]]).toEqual([0, 0]);
    }),
    { numRuns: 100 },
  );
});

test('shrinking a disk of 8 TiB drops data, at the cost of the data it holds', () => {
  const disk = new MemoryMedium(2 ** 43);
  const bytes = new Uint8Array(1024).fill(1);
  // On either side of the new end, in the same page, and far after it.
  for (const at of [1024, 2 ** 42]) disk.write(at, bytes, 0, 1024);
  // Page by page, each would take four seconds, and the test a minute.
  for (let times = 0; times < 16; times++) {
    disk.resize(1536);
    disk.resize(2 ** 43);
  }
  const seen = [1024, 1536, 2 ** 42].map((at) => byteAt(disk, at));
  expect(seen).toEqual([1, 0, 0]);
});

test('a range past the end is a medium error', () => {
  const disk = new MemoryMedium(1024);
  const bytes = new Uint8Array(1024);
  expect([disk.read(1, bytes, 0, 1024), disk.write(1024, bytes, 0, 1), disk.unmap(1023, 2)]).toEqual([
    false,
    false,
    false,
  ]);
});

test('a read-only copy keeps its content', () => {
  const image = new Uint8Array(1024).fill(5);
  const disk = MemoryMedium.from(image, { readOnly: true });
  const into = new Uint8Array(1024);
  expect([disk.write(0, new Uint8Array(512), 0, 512), disk.unmap(0, 512)]).toEqual([false, false]);
  disk.read(0, into, 0, 1024);
  expect(into).toEqual(image);
});

test.each([0, 511, -512, Number.NaN])('a disk of %d bytes is misuse', (bytes) => {
  expect(() => new MemoryMedium(bytes)).toThrow('disk.size must be a multiple of 512 bytes');
});
