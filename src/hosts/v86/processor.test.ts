import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { patchProcessor } from './processor.ts';

const wasm = readFileSync(createRequire(import.meta.url).resolve('v86/build/v86.wasm'));
const differences = (patched: Uint8Array) => wasm.filter((byte, at) => byte !== patched[at]).length;

describe("v86's processor", () => {
  test('is patched in place: nothing moves, and the input is unchanged', () => {
    const before = wasm.slice();

    const patched = patchProcessor(wasm);

    expect([patched.length, wasm.equals(before)]).toEqual([wasm.length, true]);
    // Twelve places, of 1 to 17 bytes each.
    expect(differences(patched)).toBeLessThan(128);
    expect(differences(patched)).toBeGreaterThan(16);
  });

  test.each([
    ['a constant is missing', wasm.subarray(0, 4096)],
    ['a constant is there twice', Buffer.concat([wasm, wasm])],
    ['it is patched already', patchProcessor(wasm)],
  ])('is refused when %s', (_what, bytes) => {
    expect(() => patchProcessor(bytes)).toThrow('v86 must be the v86 that package.json names; got "MSR 1Bh"');
  });
});
