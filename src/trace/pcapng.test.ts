import { describe, expect, test } from 'vitest';
import { hex } from '../core/bytes-rig.ts';
import { readCapture } from './read-capture.ts';

// Blocks typed by hand after draft-ietf-opsawg-pcapng, section 4.
const SECTION = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000';
const INTERFACE = '01000000 14000000 0100 0000 00000000 14000000';
const NAME_RESOLUTION = '05000000 10000000 00000000 10000000'; // a block that holds no frame
/** Ticks 1 and 1001 on interface 0. */
const FIRST = '06000000 24000000 00000000 00000000 01000000 02000000 3c000000 aabb0000 24000000';
const SECOND = '06000000 24000000 00000000 00000000 e9030000 02000000 02000000 ccdd0000 24000000';

const times = (...blocks: string[]) => readCapture(hex(blocks.join(''))).map((frame) => frame.at);

describe('a pcapng file', () => {
  test('gives its frames in order, by default with microseconds', () => {
    expect(readCapture(hex(SECTION + INTERFACE + FIRST + SECOND))).toEqual([
      { at: 0, data: hex('aabb'), originalLength: 60 },
      { at: 1_000_000, data: hex('ccdd'), originalLength: 2 },
    ]);
  });

  test('in big-endian order reads the same', () => {
    const big = `
      0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
      00000001 00000014 0001 0000 00000000 00000014
      00000006 00000024 00000000 00000000 00000001 00000002 0000003c aabb0000 00000024`;
    expect(readCapture(hex(big))).toEqual([{ at: 0, data: hex('aabb'), originalLength: 60 }]);
  });

  test('skips blocks that hold no frame', () => {
    expect(times(SECTION, NAME_RESOLUTION, INTERFACE, NAME_RESOLUTION, FIRST)).toEqual([0]);
  });

  test('reads the resolution from if_tsresol, powers of ten and of two', () => {
    const nano = '01000000 20000000 0100 0000 00000000 0900 0100 09000000 00000000 20000000';
    const halves = '01000000 20000000 0100 0000 00000000 0900 0100 81000000 00000000 20000000';
    expect(times(SECTION, nano, FIRST, SECOND)).toEqual([0, 1000]);
    expect(times(SECTION, halves, FIRST, SECOND)).toEqual([0, 500e9]);
  });

  test('keeps one time line over interfaces of different resolution and offset', () => {
    // Interface 1 counts nanoseconds and adds one second (if_tsoffset).
    const shifted = `01000000 2c000000 0100 0000 00000000
      0900 0100 09000000 0e00 0800 0100000000000000 00000000 2c000000`;
    const onOne = SECOND.replace('24000000 00000000', '24000000 01000000');
    expect(times(SECTION, INTERFACE, shifted, FIRST, onOne)).toEqual([0, 1e9 + 1001 - 1000]);
  });

  test('resets its interfaces at each section, which may have another byte order', () => {
    const big = '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c';
    const frame = '00000006 00000020 00000000 00000000 00000001 00000000 00000000 00000020';
    expect(() => times(SECTION, INTERFACE, FIRST, big, frame)).toThrow(
      'capture at byte 120 must be an interface of this section',
    );
  });

  test('gives a simple packet the time of the frame before it, cut to the snap length', () => {
    const snap2 = '01000000 14000000 0100 0000 02000000 14000000';
    const simple = '03000000 14000000 3c000000 ffee0000 14000000';
    expect(readCapture(hex(SECTION + snap2 + FIRST + SECOND + simple))[2]).toEqual({
      at: 1_000_000,
      data: hex('ffee'),
      originalLength: 60,
    });
  });

  test('has the direction from epb_flags', () => {
    const inbound = `06000000 2c000000 00000000 00000000 01000000 00000000 00000000
      0200 0400 01000000 00000000 2c000000`;
    expect(readCapture(hex(SECTION + INTERFACE + inbound))[0]!.direction).toBe('in');
  });

  test('that is malformed reports the byte offset', () => {
    const error = (...blocks: string[]) => expect(() => times(...blocks));
    error(SECTION.replace('4d3c2b1a', '00000000')).toThrow('byte 8 must be the byte-order magic');
    error(SECTION.replace('0100 0000', '0200 0000')).toThrow('byte 12 must be version 1; got 2');
    error(`${SECTION}06000000`).toThrow('capture at byte 28 must be 12 bytes left (a block); got 4');
    error(SECTION, '05000000 00000000 00000000').toThrow(
      'byte 32 must be a block length, a multiple of 4 from 12; got 0',
    );
    error(SECTION, '05000000 0d000000 00000000 0d000000').toThrow(
      'byte 32 must be a block length, a multiple of 4 from 12; got 13',
    );
    error(SECTION, '05000000 0c000000 10000000').toThrow(
      "byte 36 must be the block's length again, 12; got 16",
    );
    error(SECTION, INTERFACE.replace('0100 0000', '7100 0000')).toThrow(
      'byte 36 must be link type 1 (Ethernet); got "link type 113 (Linux cooked)"',
    );
    error(SECTION, FIRST).toThrow('byte 36 must be an interface of this section; got 0');
    error(SECTION, INTERFACE, FIRST.replace('02000000', '05000000')).toThrow(
      "byte 68 must be at most 4, the block's room; got 5",
    );
    error(SECTION, '03000000 10000000 00000000 10000000').toThrow(
      'byte 28 must be after an interface description; got "a simple packet"',
    );
  });

  test('with an option longer than its block, or of a wrong length, is refused', () => {
    const long = '01000000 18000000 0100 0000 00000000 0200 0400 18000000';
    const wide = '01000000 1c000000 0100 0000 00000000 0900 0200 09090000 1c000000';
    expect(() => times(SECTION, long)).toThrow('byte 48 must be 4 bytes of block');
    expect(() => times(SECTION, wide)).toThrow('capture at byte 46 must be an option length of 1; got 2');
  });
});
