import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FOUR_GIB, GuestMemory } from './memory.ts';
import { MisuseError } from './misuse.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    initial: number;
  }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
};

const PAGE = 4096;
/** Two pages from 0 and one from 4 GiB, as a PC with a hole has them. */
const split = () => GuestMemory.of(3 * PAGE, undefined, 2 * PAGE);

describe('find', () => {
  test.each([
    ['the first byte', 0, 1, 0],
    ['the last byte below the hole', 2 * PAGE - 1, 1, 0],
    ['all of a range', 0, 2 * PAGE, 0],
    ['the first byte above 4 GiB', FOUR_GIB, 1, FOUR_GIB],
    ['the last byte above 4 GiB', FOUR_GIB + PAGE - 1, 1, FOUR_GIB],
  ])('has %s', (_what, address, length, base) => {
    expect(split().find(address, length)?.base).toBe(base);
  });

  test.each([
    ['a byte past the lower range', 2 * PAGE, 1],
    ['two bytes from the last of a range', 2 * PAGE - 1, 2],
    ['one byte more than a range', 0, 2 * PAGE + 1],
    ['the byte below 4 GiB', FOUR_GIB - 1, 1],
    ['a run over the end above 4 GiB', FOUR_GIB + PAGE - 1, 2],
    ['the longest length a descriptor has', 0, 0xffff_ffff],
    ['an address that wraps in 64 bits', 2 ** 64 - 4096, 8192],
    ['an address whose low 32 bits are RAM', 2 ** 33, 1],
  ])('has nothing at %s', (_what, address, length) => {
    expect(split().find(address, length)).toBeNull();
  });

  test('answers the same after a hit elsewhere as before any', () => {
    const address = fc.oneof(
      fc.nat(3 * PAGE),
      fc.nat(2 * PAGE).map((n) => FOUR_GIB - 8 + n),
    );
    const query = fc.tuple(address, fc.nat(PAGE));
    fc.assert(
      fc.property(query, query, ([first, some], [second, more]) => {
        const warm = split();
        warm.find(first, some);
        expect(warm.find(second, more)?.base).toBe(split().find(second, more)?.base);
      }),
    );
  });

  test('does not join adjacent ranges, whose bytes may not be adjacent', () => {
    const memory = new GuestMemory();
    memory.map(PAGE, new Uint8Array(PAGE));
    memory.map(0, new Uint8Array(PAGE));
    expect(memory.find(PAGE - 1, 2)).toBeNull();
    expect(memory.ranges.map(({ base }) => base)).toEqual([0, PAGE]);
  });
});

describe('write and slice', () => {
  test('reach RAM above 4 GiB', () => {
    const memory = split();
    const done = memory.write(FOUR_GIB + 8, Uint8Array.of(1, 2, 3));
    expect([done, [...memory.slice(FOUR_GIB + 7, 5)!]]).toEqual([true, [0, 1, 2, 3, 0]]);
  });

  test('do nothing at all if the last byte is not RAM', () => {
    const memory = split();
    const done = memory.write(2 * PAGE - 2, Uint8Array.of(1, 2, 3));
    expect([done, memory.slice(2 * PAGE - 2, 3)]).toEqual([false, null]);
    expect([...memory.slice(2 * PAGE - 2, 2)!]).toEqual([0, 0]);
  });

  test('notify a host that caches code which bytes changed, and only if they did', () => {
    const memory = split();
    const told: number[][] = [];
    memory.dirty = (from, to) => told.push([from, to]);
    memory.write(100, new Uint8Array(3));
    memory.write(2 * PAGE, new Uint8Array(3));
    expect(told).toEqual([[100, 103]]);
  });
});

describe('a lent buffer', () => {
  test('of a worker is seen as it is', () => {
    const lent = new SharedArrayBuffer(2 * PAGE);
    const memory = GuestMemory.of(2 * PAGE, lent);
    memory.write(5, Uint8Array.of(7));
    expect(new Uint8Array(lent)[5]).toBe(7);
  });

  test('of WebAssembly moves when it grows, and is put back under the same addresses', () => {
    const wasm = new WebAssembly.Memory({ initial: 1 });
    const memory = GuestMemory.of(65_536, wasm);
    memory.find(0, 1);
    wasm.grow(1);
    new Uint8Array(wasm.buffer)[9] = 42;
    memory.replace(0, new Uint8Array(wasm.buffer));
    expect([memory.size, memory.slice(9, 1)![0]]).toEqual([131_072, 42]);
  });

  test('of WebAssembly takes RAM over, with what is in it', () => {
    const wasm = new WebAssembly.Memory({ initial: 3 });
    const memory = GuestMemory.of(3 * 65_536);
    memory.write(9, Uint8Array.of(42));
    memory.write(2 * 65_536 + 7, Uint8Array.of(43));

    memory.moveInto(wasm);
    memory.write(10, Uint8Array.of(44));

    const bytes = new Uint8Array(wasm.buffer);
    expect([bytes[9], bytes[10], bytes[2 * 65_536 + 7]]).toEqual([42, 44, 43]);
    expect(memory.holder).toBe(wasm);
  });

  test('may be longer than what is used of it', () => {
    expect(GuestMemory.of(PAGE, new ArrayBuffer(3 * PAGE)).size).toBe(PAGE);
  });

  test('begins where a lent view begins, and ends with it', () => {
    const lent = new ArrayBuffer(4 * PAGE);
    const memory = GuestMemory.of(2 * PAGE, new Uint8Array(lent, PAGE, 2 * PAGE));

    memory.write(8, Uint8Array.of(9));

    expect(new Uint8Array(lent)[PAGE + 8]).toBe(9);
    expect(() => GuestMemory.of(3 * PAGE, new Uint8Array(lent, PAGE, 2 * PAGE))).toThrow('memory.buffer');
  });

  test('is split at the hole, the upper part right behind the lower', () => {
    const lent = new ArrayBuffer(3 * PAGE);
    GuestMemory.of(3 * PAGE, lent, 2 * PAGE).write(FOUR_GIB, Uint8Array.of(9));
    expect(new Uint8Array(lent)[2 * PAGE]).toBe(9);
  });
});

test('the epoch changes with every change of the ranges, and with nothing else', () => {
  const memory = split();
  const epochs = [memory.epoch];
  memory.write(0, Uint8Array.of(1));
  epochs.push(memory.epoch);
  memory.replace(0, new Uint8Array(2 * PAGE));
  epochs.push(memory.epoch);
  memory.unmap(FOUR_GIB);
  epochs.push(memory.epoch);
  expect(epochs[1]).toBe(epochs[0]);
  expect(new Set(epochs).size).toBe(3);
});

describe('a caller’s mistake is reported', () => {
  test.each([
    ['memory.base', 'a base between pages', () => new GuestMemory().map(100, new Uint8Array(PAGE))],
    ['memory.bytes', 'a broken page', () => GuestMemory.of(PAGE + 1)],
    [
      'memory.bytes',
      'bytes at an odd place',
      () => new GuestMemory().map(0, new Uint8Array(2 * PAGE).subarray(1, PAGE + 1)),
    ],
    ['memory.buffer', 'a buffer that is too short', () => GuestMemory.of(2 * PAGE, new ArrayBuffer(PAGE))],
    ['memory.base', 'RAM over RAM', () => split().map(PAGE, new Uint8Array(PAGE))],
  ])('%s: %s', (path, _what, wrong) => {
    expect(wrong).toThrow(expect.objectContaining({ name: 'MisuseError', path }));
    expect(wrong).toThrow(MisuseError);
  });
});

test('a buffer that cannot replace another leaves the other in place', () => {
  const memory = GuestMemory.of(0x2000);

  expect(() => memory.replace(0, new Uint8Array(5))).toThrow('memory.bytes');
  expect(memory.find(0x1fff, 1)).not.toBeNull();
});
