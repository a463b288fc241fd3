import { describe, expect, test } from 'vitest';
import { hex } from '../core/bytes-rig.ts';
import { readCapture } from './read-capture.ts';

// One file typed in both byte orders: version 2.4, snaplen 65535, Ethernet; a frame of 3 bytes cut from 60 at
// 1.000001 s and one of 2 bytes at 2.000000 s.
const LITTLE = hex(`
  d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000
  01000000 01000000 03000000 3c000000 aabbcc
  02000000 00000000 02000000 02000000 ddee`);
const BIG = hex(`
  a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001
  00000001 00000001 00000003 0000003c aabbcc
  00000002 00000000 00000002 00000002 ddee`);
const EXPECTED = [
  { at: 0, data: hex('aabbcc'), originalLength: 60 },
  { at: 999_999_000, data: hex('ddee'), originalLength: 2 },
];

const changed = (file: Uint8Array, at: number, ...values: number[]) => {
  const copy = file.slice();
  copy.set(values, at);
  return copy;
};

describe('a pcap file', () => {
  test('reads the same in either byte order', () => {
    expect(readCapture(LITTLE)).toEqual(EXPECTED);
    expect(readCapture(BIG)).toEqual(EXPECTED);
  });

  test('with the nanosecond magic counts nanoseconds', () => {
    const file = changed(LITTLE, 0, 0x4d, 0x3c, 0xb2, 0xa1);
    expect(readCapture(file)[1]!.at).toBe(999_999_999);
  });

  test('keeps nanoseconds exact at today’s dates, which do not fit a double', () => {
    const later = hex('ffffff6a'); // 2026 in seconds, little-endian
    const file = changed(changed(LITTLE, 0, 0x4d, 0x3c, 0xb2, 0xa1), 24, ...later);
    const both = changed(file, 24 + 16 + 3, ...later);
    expect(readCapture(both)[1]!.at).toBe(-1);
  });

  test('gives views of the file, not copies', () => {
    expect(readCapture(LITTLE)[0]!.data.buffer).toBe(LITTLE.buffer);
  });

  test('may lie anywhere in a larger buffer', () => {
    const inside = new Uint8Array(LITTLE.length + 5).subarray(5);
    inside.set(LITTLE);
    expect(readCapture(inside)).toEqual(EXPECTED);
  });

  test('without a frame is empty', () => {
    expect(readCapture(LITTLE.subarray(0, 24))).toEqual([]);
  });

  test('cut anywhere but after a frame reports where', () => {
    expect(() => readCapture(LITTLE.subarray(0, 23))).toThrow(
      'capture at byte 0 must be 24 bytes left (the file header); got 23',
    );
    expect(() => readCapture(LITTLE.subarray(0, 42))).toThrow(
      'byte 40 must be 3 bytes left (the packet); got 2',
    );
    expect(() => readCapture(LITTLE.subarray(0, 50))).toThrow('byte 43 must be 16 bytes left');
  });

  test('with a length of 4 GiB is refused without reserving it', () => {
    expect(() => readCapture(changed(LITTLE, 32, 0xff, 0xff, 0xff, 0xff))).toThrow('4294967295 bytes left');
  });

  test('of another link type is refused with its name', () => {
    expect(() => readCapture(changed(LITTLE, 20, 101))).toThrow(
      'capture at byte 20 must be link type 1 (Ethernet); got "link type 101 (raw IP)"',
    );
    expect(() => readCapture(changed(LITTLE, 20, 200))).toThrow('"link type 200"');
  });

  test('of another version is refused', () => {
    expect(() => readCapture(changed(LITTLE, 4, 3))).toThrow('byte 4 must be version 2; got 3');
  });
});

test('bytes that are no capture are refused', () => {
  expect(() => readCapture(hex('7f454c46 00000000'))).toThrow(
    'capture at byte 0 must be a pcap or pcapng file',
  );
  expect(() => readCapture(new Uint8Array(0))).toThrow('0 bytes');
});
