import { describe, expect, test } from 'vitest';
import { lspciText } from './lspci.ts';

/** Each byte holds its own offset, so that a misplaced one is visible. */
const counting = Uint8Array.from({ length: 256 }, (_, i) => i);

describe('the lspci dump', () => {
  test('names each function by its address and identity', () => {
    const virtio = Uint8Array.from({ length: 256 }, (_, i) => [0xf4, 0x1a, 0x04, 0x10][i] ?? 0);
    expect(lspciText([{ bdf: 0x1fd, bytes: virtio }]).split('\n')[0]).toBe('01:1f.5 Device 1af4:1004');
  });

  test('has sixteen rows of sixteen bytes, each after its offset', () => {
    const lines = lspciText([{ bdf: 0, bytes: counting }]).split('\n');
    expect(lines).toHaveLength(1 + 16 + 1);
    expect(lines[1]).toBe('00: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f');
    expect(lines[16]).toBe('f0: f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 fa fb fc fd fe ff');
  });

  test('separates functions by an empty line, and ends with a line end', () => {
    const text = lspciText([
      { bdf: 0x00, bytes: counting },
      { bdf: 0x0b, bytes: counting },
    ]);
    expect(text.match(/\n\n/g)).toHaveLength(1);
    expect(text).toMatch(/\n\n00:01\.3 Device 0100:0302\n/);
    expect(text).toMatch(/ff\n$/);
  });

  test('refuses a dump that is not of 256 bytes', () => {
    expect(() => lspciText([{ bdf: 8, bytes: new Uint8Array(64) }])).toThrow(
      '00:01.0 must be 256 bytes; got 64',
    );
  });
});
