import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Aml } from './aml.ts';
import {
  busNumbers,
  interrupts,
  io,
  ioWindow,
  irq,
  memoryWindow,
  template,
  type Window,
} from './resources.ts';

interface Read {
  readonly tag: number;
  readonly body: DataView;
}

/** By 6.4.2 and 6.4.3: a small descriptor has its length in bits 2:0 of its tag, a large one in the word after it. */
function readDescriptors(bytes: Uint8Array): Read[] {
  const found: Read[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    const large = tag >= 0x80;
    const length = large ? bytes[at + 1]! + 256 * bytes[at + 2]! : tag & 7;
    const start = at + (large ? 3 : 1);
    found.push({
      tag: large ? tag : tag >> 3,
      body: new DataView(bytes.buffer, bytes.byteOffset + start, length),
    });
    at = start + length;
  }
  return found;
}

/** The bytes of a Buffer term: after its operator, PkgLength, and a two-byte size. */
const contents = (term: Aml) => Uint8Array.from(term.slice(1 + 1 + (term[1]! >> 6) + 2));
const END = 0x0f;
const windows = (last: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: last }), fc.integer({ min: 0, max: last }))
    .map(([a, b]): Window => ({ first: Math.min(a, b), last: Math.max(a, b) }))
    .filter(({ first, last: end }) => end - first < last);

describe('descriptors, read by a separate decoder', () => {
  test('windows of I/O ports hold first, last and length', () => {
    fc.assert(
      fc.property(windows(0xffff), (window) => {
        const [found, end] = readDescriptors(contents(template(ioWindow(window))));
        const words = [3, 5, 7, 9, 11].map((at) => found!.body.getUint16(at, true));
        expect([found!.tag, found!.body.getUint8(0), end!.tag]).toEqual([0x88, 1, END]);
        expect(words).toEqual([0, window.first, window.last, 0, window.last - window.first + 1]);
      }),
    );
  });

  test('windows of memory hold first, last and length', () => {
    fc.assert(
      fc.property(windows(0xffff_ffff), (window) => {
        const [found, end] = readDescriptors(contents(template(memoryWindow(window))));
        const words = [3, 7, 11, 15, 19].map((at) => found!.body.getUint32(at, true));
        expect([found!.tag, found!.body.getUint8(0), end!.tag]).toEqual([0x87, 0, END]);
        expect(words).toEqual([0, window.first, window.last, 0, window.last - window.first + 1]);
      }),
    );
  });

  test('interrupts are level-triggered, active high and shared, as many as are given', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(23), { minLength: 1, maxLength: 8 }), (lines) => {
        const [found] = readDescriptors(contents(template(interrupts(lines))));
        const read = lines.map((_, i) => found!.body.getUint32(2 + 4 * i, true));
        expect([found!.tag, found!.body.getUint8(0), found!.body.getUint8(1)]).toEqual([
          0x89,
          0x09,
          lines.length,
        ]);
        expect(read).toEqual(lines);
        expect(found!.body.byteLength).toBe(2 + 4 * lines.length);
      }),
    );
  });

  test('ports decode 16 bits and are fixed', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.integer({ min: 1, max: 255 }), (base, count) => {
        const [found] = readDescriptors(contents(template(io(base, count))));
        const { body } = found!;
        expect([found!.tag, body.getUint8(0), body.getUint16(1, true), body.getUint16(3, true)]).toEqual([
          8,
          1,
          base,
          base,
        ]);
        expect([body.getUint8(5), body.getUint8(6)]).toEqual([1, count]);
      }),
    );
  });

  test('an ISA interrupt is one bit of sixteen', () => {
    fc.assert(
      fc.property(fc.nat(15), (line) => {
        const [found] = readDescriptors(contents(template(irq(line))));
        expect([found!.tag, found!.body.byteLength, found!.body.getUint16(0, true)]).toEqual([
          4,
          2,
          2 ** line,
        ]);
      }),
    );
  });

  test('bus numbers are of type 2', () => {
    const [found] = readDescriptors(contents(template(busNumbers({ first: 0, last: 255 }))));
    expect([found!.tag, found!.body.getUint8(0), found!.body.getUint16(11, true)]).toEqual([0x88, 2, 256]);
  });

  test('a window is produced, decoded positively, and fixed at both ends', () => {
    const [found] = readDescriptors(contents(template(ioWindow({ first: 0, last: 1 }))));
    expect(found!.body.getUint8(1)).toBe(0b1100);
  });
});

test('the bytes of a template sum to zero for any content', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff), { maxLength: 4 }), (bases) => {
      const bytes = contents(template(...bases.map((base) => io(base, 8))));
      expect(bytes.reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
    }),
  );
});
