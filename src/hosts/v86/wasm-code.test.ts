import { describe, expect, test } from 'vitest';
import { onlyPlace, replaceCode } from './wasm-code.ts';

/** A module of two functions that return an i32, exported as `a` and `b`; each body is its size, no locals, code, end. */
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7f],
  ...[3, 3, 2, 0, 0],
  ...[7, 9, 2, 1, 0x61, 0, 0, 1, 0x62, 0, 1],
  ...[10, 11, 2, 4, 0, 0x41, 11, 0x0b, 4, 0, 0x41, 22, 0x0b],
  ...[0, 2, 1, 0x78],
]);
const B = [0x41, 22];

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: { a(): number; b(): number } };
};

describe('code in a WebAssembly module', () => {
  test('is replaced by longer code, and all else stays', () => {
    // `i32.const 22; i32.const 20; i32.add`
    const grown = replaceCode(MODULE, onlyPlace(MODULE, 'b', B), B.length, [...B, 0x41, 20, 0x6a]);

    const { a, b } = new WebAssembly.Instance(new WebAssembly.Module(grown)).exports;
    expect([a(), b()]).toEqual([11, 42]);
    expect([...grown.subarray(-4)]).toEqual([0, 2, 1, 0x78]);
  });

  test('is replaced in the first function as in the last', () => {
    const grown = replaceCode(MODULE, onlyPlace(MODULE, 'a', [0x41, 11]), 2, [0x41, 1, 0x41, 2, 0x6a]);

    const { a, b } = new WebAssembly.Instance(new WebAssembly.Module(grown)).exports;
    expect([a(), b()]).toEqual([3, 22]);
  });

  test.each([
    ['in another section', 12],
    ['across two functions', MODULE.length - 10],
  ])('is not replaced %s', (_where, at) => {
    expect(() => replaceCode(MODULE, at, 4, [])).toThrow('v86 must be ');
  });

  test.each([
    ['nowhere', [0x41, 33]],
    ['twice', [4, 0, 0x41]],
  ])('that is there %s has no place', (_how, code) => {
    expect(() => onlyPlace(MODULE, 'it', code)).toThrow(
      'v86 must be the v86 that package.json names; got "it"',
    );
  });
});
