import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Store, WasmStore } from './store.ts';
import { type HasBuffer, kernelsIn } from './wasm/kernels.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => HasBuffer;
};

const PAGE = 65_536;

function wasmStore(size: { initial: number; maximum?: number; shared?: boolean }): Store {
  const memory = new WebAssembly.Memory(size);
  return new WasmStore(new Uint8Array(memory.buffer), kernelsIn(memory)!);
}

const STORES: readonly (readonly [kind: string, make: () => Store])[] = [
  ['plain', () => new Store(new Uint8Array(PAGE))],
  ['shared', () => new Store(new Uint8Array(new SharedArrayBuffer(PAGE)))],
  ['WebAssembly', () => wasmStore({ initial: 1 })],
  ['shared WebAssembly', () => wasmStore({ initial: 1, maximum: 1, shared: true })],
];

describe.each(STORES)('in a %s store', (_kind, make) => {
  test('a copy moves its bytes and touches no other', () => {
    const store = make();
    // Past every length at which another copy method begins, with every alignment.
    const half = PAGE / 2;
    const place = fc.record({ to: fc.nat(64), from: fc.nat(64), count: fc.nat(300) });
    fc.assert(
      fc.property(place, ({ to, from, count }) => {
        for (let i = 0; i < 512; i++) store.bytes[half + i] = i * 7 + (i >> 5);
        store.bytes.fill(0xee, 0, 512);
        const expected = new Uint8Array(512).fill(0xee);
        expected.set(store.bytes.slice(half + from, half + from + count), to);

        store.copy(to, half + from, count);

        expect(Buffer.compare(store.bytes.slice(0, 512), expected)).toBe(0);
      }),
    );
  });

  test('a NaN keeps its bits', () => {
    const store = make();
    const signalling = Uint8Array.of(1, 0, 0, 0, 0, 0, 0xf4, 0x7f);
    store.bytes.set(signalling, 64);

    store.copy(0, 64, 8);

    expect(store.bytes.slice(0, 8)).toEqual(signalling);
  });

  test('pieces are gathered and scattered in order, as far as bytes go', () => {
    const store = make();
    store.bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 100);
    // The first nine bytes of the pieces are not to be written.
    const spans = Int32Array.of(0, 9, 20, 3, 10, 2, 30, 5);

    store.scatter(100, 1000, spans, 9, 7);
    store.gather(200, 1000, spans.subarray(2), 7);

    expect([...store.bytes.slice(1020, 1024)]).toEqual([1, 2, 3, 0]);
    expect([...store.bytes.slice(1010, 1013)]).toEqual([4, 5, 0]);
    expect([...store.bytes.slice(1030, 1033)]).toEqual([6, 7, 0]);
    expect([...store.bytes.slice(200, 208)]).toEqual([1, 2, 3, 4, 5, 6, 7, 0]);
  });
});

test('a copy by WebAssembly works after the memory’s buffer was replaced', () => {
  const memory = new WebAssembly.Memory({ initial: 1 }) as HasBuffer & { grow(pages: number): void };
  const { copy } = kernelsIn(memory)!;

  memory.grow(1);
  new Uint8Array(memory.buffer)[5] = 42;
  copy(PAGE + 1, 5, 1);

  expect(new Uint8Array(memory.buffer)[PAGE + 1]).toBe(42);
});

test('an object that merely holds a buffer is no WebAssembly.Memory', () => {
  expect(kernelsIn({ buffer: new ArrayBuffer(8) })).toBeNull();
});
