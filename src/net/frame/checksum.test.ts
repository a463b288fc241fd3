import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { type HasBuffer, kernelsIn, lendKernels } from '../../core/wasm/kernels.ts';
import { internetChecksum, internetSum, pseudoSum4 } from './checksum.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => HasBuffer;
};

/** The same sum computed otherwise: the bytes are one number in base 65536, and adding carries back takes it mod 65535. */
const modulo = (bytes: Uint8Array, seed: number) => {
  const even = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]).toString('hex');
  const number = BigInt(`0x0${even}`) + BigInt(seed);
  return number === 0n ? 0 : Number(((number - 1n) % 65535n) + 1n);
};

describe('the Internet checksum', () => {
  test('of the example in RFC 1071, section 3, is the one printed there', () => {
    const example = hex('0001 f203 f4f5 f6f7');
    expect(internetSum(example, 0, 8)).toBe(0xddf2);
    expect(internetChecksum(example, 0, 8)).toBe(0x220d);
  });

  test('agrees with arithmetic modulo 65535 for any bytes, place, length and seed', () => {
    // 700 bytes: short sums go by pairs, longer ones (from 32 or 64) by 16 bytes, and from 256 WebAssembly sums a copy.
    const bytes = fc.uint8Array({ maxLength: 700, size: 'max' });
    fc.assert(
      fc.property(bytes, fc.nat(5), fc.nat(5), fc.nat(0xffff), (all, before, after, seed) => {
        const from = Math.min(before, all.length);
        const to = Math.max(from, all.length - after);
        // A part of a much longer array is not copied.
        const much = new Uint8Array(2000);
        much.set(all);
        const sums = [all, all, much, much].map((array) => internetSum(array, from, to, seed));
        expect(new Set(sums)).toEqual(new Set([modulo(all.subarray(from, to), seed)]));
      }),
    );
  });

  test.each([
    ['a memory of WebAssembly', {}],
    ['one that threads share', { maximum: 3, shared: true }],
  ])('agrees with it in %s, and where it copies at once', (_kind, kind) => {
    const memory = new WebAssembly.Memory({ initial: 3, ...kind });
    const kernels = kernelsIn(memory)!;
    lendKernels(memory.buffer, kernels);
    const inMemory = new Uint8Array(memory.buffer);
    const bytes = fc.uint8Array({ maxLength: 700, size: 'max' });
    fc.assert(
      fc.property(bytes, fc.nat(17), fc.nat(17), fc.nat(0xffff), (all, at, to, seed) => {
        inMemory.set(all, at);
        const copied = kernels.copySum(0x8000 + to, at, all.length);
        const sums = [internetSum(inMemory, at, at + all.length, seed), copied];
        expect(sums).toEqual([modulo(all, seed), modulo(all, 0)]);
        const copy = inMemory.slice(0x8000 + to - 1, 0x8000 + to + all.length + 1);
        expect(Buffer.compare(copy, Uint8Array.of(0, ...all, 0))).toBe(0);
        inMemory.fill(0, 0x8000, 0x8000 + 1024);
      }),
    );
  });

  test('is right in WebAssembly for the maximum of words of all ones', () => {
    const memory = new WebAssembly.Memory({ initial: 3 });
    new Uint8Array(memory.buffer).fill(0xff);

    const { sum, copySum } = kernelsIn(memory)!;

    expect([sum(0, 131_072), copySum(65_536, 0, 65_536)]).toEqual([0xffff, 0xffff]);
  });

  test('is right up to 65,536 words of all ones with the highest seed', () => {
    expect(internetSum(new Uint8Array(131_072).fill(0xff), 0, 131_072, 0xffff)).toBe(0xffff);
  });

  test('does not depend on where in its buffer the array lies, nor on the buffer summed before', () => {
    const ones = new Uint8Array(403).subarray(3).fill(0x01);
    const twos = new Uint8Array(400).fill(0x02);
    expect(internetSum(ones, 0, 400)).toBe(200 * 0x0101);
    expect(internetSum(twos, 0, 400)).toBe((200 * 0x0202) % 0xffff);
  });

  test('of the IPv4 pseudo-header takes addresses, protocol and length', () => {
    // 0a80 + 0002 + 0a80 + 0001 + 0006 + 0024
    const header = hex('4500 0038 ffff 4000 4006 25be 0a800002 0a800001');
    expect(pseudoSum4(header, 0, 6, 0x24)).toBe(0x152d);
  });
});
