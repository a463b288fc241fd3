import { describe, expect, test } from 'vitest';
import { GuestMemory } from './memory.ts';
import type { HasBuffer } from './wasm/kernels.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => HasBuffer & { grow(pages: number): void };
};

const RAM = 0x1_0000;
const STAGING = 0x1000;

describe('staging', () => {
  test('lies behind RAM in one store with it, each piece apart', () => {
    const memory = GuestMemory.of(RAM);
    const [one, other] = [memory.staging(100), memory.staging(10)];

    one.bytes.fill(1);
    other.bytes.fill(2);

    const { store } = memory.ranges[0]!;
    expect([one.store, other.store]).toEqual([store, store]);
    expect([one.at >= RAM, other.at >= one.at + 100]).toEqual([true, true]);
    expect([store.bytes[one.at], store.bytes[other.at]]).toEqual([1, 2]);
    expect(memory.slice(0, RAM)).toEqual(new Uint8Array(RAM));
  });

  test.each([
    ['when what there is of it is used up', () => GuestMemory.of(RAM, new ArrayBuffer(2 * RAM), RAM, 64)],
    ['in a buffer that was lent without any', () => GuestMemory.of(RAM, new ArrayBuffer(2 * RAM))],
    ['in memory without RAM', () => new GuestMemory()],
  ])('is a buffer of its own %s', (_when, make) => {
    const memory = make();
    const { store, bytes } = memory.staging(65);

    bytes.fill(3);

    expect(memory.ranges.map((range) => range.store)).not.toContain(store);
    expect(store.bytes).toEqual(new Uint8Array(65).fill(3));
  });

  test('moves along when a WebAssembly.Memory grows, and keeps its content', () => {
    const wasm = new WebAssembly.Memory({ initial: 2 });
    const memory = GuestMemory.of(RAM, wasm, RAM, STAGING);
    const staging = memory.staging(8);
    staging.bytes.fill(7);

    wasm.grow(1);
    memory.replace(0, new Uint8Array(wasm.buffer, 0, RAM));

    expect([...staging.bytes]).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
    expect(staging.store).toBe(memory.ranges[0]!.store);
    expect(memory.staging(8).store).toBe(staging.store);
  });

  test('gets a buffer of its own when the one that held it is detached', () => {
    const lent = new ArrayBuffer(2 * RAM);
    const memory = GuestMemory.of(RAM, lent, RAM, STAGING);
    const staging = memory.staging(8);

    memory.replace(0, new Uint8Array(structuredClone(lent, { transfer: [lent] }), 0, RAM));

    expect([staging.bytes.length, staging.at]).toEqual([8, 0]);
    expect(staging.store).not.toBe(memory.ranges[0]!.store);
    expect(memory.staging(8).store).not.toBe(memory.ranges[0]!.store);
  });

  test('is never used as RAM', () => {
    const lent = new ArrayBuffer(2 * RAM);
    const memory = GuestMemory.of(RAM, lent, RAM, STAGING);

    expect(() => memory.map(0x10_0000, new Uint8Array(lent, RAM, STAGING))).toThrow('memory.bytes');
    expect(() => memory.map(0x10_0000, new Uint8Array(lent, RAM + STAGING, STAGING))).not.toThrow();
  });
});
