import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MisuseError } from '../core/misuse.ts';
import type { Medium } from './medium.ts';
import { MemoryMedium } from './memory.ts';
import { OverlayMedium } from './overlay.ts';

const SIZE = 5 * 4096 + 512;
const ones = () => MemoryMedium.from(new Uint8Array(SIZE).fill(1));

function contents(disk: Medium): Uint8Array {
  const bytes = new Uint8Array(disk.blocks * 512);
  disk.read(0, bytes, 0, bytes.length);
  return bytes;
}

test('an overlay reads as the disk below where nothing was written', () => {
  const disk = new OverlayMedium(ones());

  expect([disk.blocks, disk.readOnly, Buffer.compare(contents(disk), contents(ones()))]).toEqual([
    SIZE / 512,
    false,
    0,
  ]);
});

test('it has the same content as an array after any writes and unmaps, and the disk below is unchanged', () => {
  const step = fc
    .record({
      offset: fc.nat(SIZE),
      length: fc.nat(SIZE),
      fill: fc.integer({ min: 2, max: 255 }),
      unmap: fc.boolean(),
    })
    .map((one) => ({ ...one, length: Math.min(one.length, SIZE - one.offset) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      const below = ones();
      const disk = new OverlayMedium(below);
      const model = new Uint8Array(SIZE).fill(1);
      for (const { offset, length, fill, unmap } of steps) {
        model.fill(unmap ? 0 : fill, offset, offset + length);
        unmap ? disk.unmap(offset, length) : disk.write(offset, new Uint8Array(length).fill(fill), 0, length);
      }
      expect(Buffer.compare(contents(disk), model)).toBe(0);
      expect(Buffer.compare(contents(below), contents(ones()))).toBe(0);
    }),
  );
});

test('unmapping most of a large disk makes it read as zeros, except later writes', () => {
  const below = Object.assign(new MemoryMedium(2 ** 43), {
    read: (_offset: number, into: Uint8Array, at: number, length: number) => {
      into.fill(7, at, at + length);
      return true;
    },
  });
  const disk = new OverlayMedium(below);
  const bytes = new Uint8Array(512).fill(1);
  disk.write(2 ** 42, bytes, 0, 512);
  for (let at = 0; at < 2 ** 43; at += 2 ** 33) disk.unmap(at + 512, 2 ** 33 - 512);
  disk.unmap(2 ** 42, 2 ** 42);
  disk.write(2 ** 42 + 512, bytes, 0, 512);
  const places = [0, 512, 2 ** 33, 2 ** 33 + 512, 2 ** 42, 2 ** 42 + 512, 2 ** 42 + 1024];
  const seen = new Uint8Array(places.length);
  for (const [i, at] of places.entries()) disk.read(at, seen, i, 1);
  expect([...seen]).toEqual([7, 0, 7, 0, 0, 1, 0]);
});

describe('a medium error', () => {
  const bytes = new Uint8Array(SIZE);

  test('is caused by a range past the end or invalid', () => {
    const disk = new OverlayMedium(ones());

    expect([disk.read(SIZE, bytes, 0, 1), disk.write(0.5, bytes, 0, 1), disk.unmap(-1, 1)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('is caused by writing part of a page whose rest the disk below cannot read', () => {
    const disk = new OverlayMedium(Object.assign(ones(), { read: () => false }));

    expect([
      disk.write(0, bytes, 0, 512),
      disk.write(0, bytes, 0, 4096),
      disk.read(0, bytes, 0, 4096),
    ]).toEqual([false, true, true]);
  });
});

describe('committing', () => {
  const written = () => {
    const disk = new OverlayMedium(ones());
    disk.write(512, new Uint8Array(512).fill(2), 0, 512);
    disk.unmap(4096, 3 * 4096);
    disk.write(2 * 4096, new Uint8Array(512).fill(3), 0, 512);
    disk.write(SIZE - 512, new Uint8Array(512).fill(4), 0, 512);
    return disk;
  };

  test('makes a copy of the disk below what the disk is', () => {
    const disk = written();
    const copy = ones();

    expect([disk.commit(copy), contents(copy)]).toEqual([true, contents(disk)]);
  });

  test.each([
    ['write', { write: () => false }],
    ['unmap', { unmap: () => false }],
    ['flush', { flush: () => false }],
  ])('to a disk that fails to %s fails', (_what, broken) => {
    expect(written().commit(Object.assign(ones(), broken))).toBe(false);
  });

  test.each([
    ['another size', new MemoryMedium(512)],
    ['no writes', new MemoryMedium(SIZE, { readOnly: true })],
    ['nothing of a medium', {} as Medium],
  ])('to a disk of %s is a misuse', (_what, into) => {
    expect(() => written().commit(into)).toThrow(MisuseError);
  });

  test('and discarding leaves what the disk below has', () => {
    const disk = written();
    disk.discard();

    expect(contents(disk)).toEqual(contents(ones()));
  });
});

test('its extents are its own pages, what was unmapped, and what the disk below says', () => {
  const disk = new OverlayMedium(new MemoryMedium(1 << 20));
  disk.write(4096, new Uint8Array(512), 0, 512);
  const below = new OverlayMedium(ones());
  below.unmap(0, 4096);

  const found = [disk.extentAt(0), disk.extentAt(5000), below.extentAt(0), below.extentAt(4096 + 512)];

  expect(found).toEqual([
    { mapped: false, bytes: 4096 },
    { mapped: true, bytes: 3192 },
    { mapped: false, bytes: 4096 },
    { mapped: true, bytes: 3584 },
  ]);
});

test('closing it closes the disk below', () => {
  const closed: string[] = [];
  new OverlayMedium(Object.assign(ones(), { close: () => closed.push('below') })).close();

  expect(closed).toEqual(['below']);
});
