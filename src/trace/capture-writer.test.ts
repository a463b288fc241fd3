import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MisuseError } from '../core/misuse.ts';
import { CaptureWriter, writePcapng } from './capture-writer.ts';
import { readCapture } from './read-capture.ts';

const frames = fc.array(
  fc.record(
    {
      at: fc.maxSafeNat(),
      data: fc.uint8Array({ maxLength: 80 }),
      originalLength: fc.nat(),
      direction: fc.constantFrom('in' as const, 'out' as const),
    },
    { requiredKeys: ['at', 'data', 'originalLength'] },
  ),
  { maxLength: 6 },
);

describe('writing a capture', () => {
  test('makes the file of the specification', () => {
    const file = writePcapng([{ at: 2 ** 32 + 5, data: Uint8Array.of(0xaa), direction: 'out' }], 'nic0');
    expect(Buffer.from(file).toString('hex')).toBe(
      [
        '0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000',
        '01000000280000000100000000000000', // interface description, Ethernet, no snap length
        '020004006e69633009000100090000000000000028000000', // if_name nic0, if_tsresol 9, end
        '060000003000000000000000010000000500000001000000' + '01000000aa000000',
        '02000400020000000000000030000000', // epb_flags: outbound, end
      ].join(''),
    );
  });

  test('and reading it returns the frames, times counted from the first', () => {
    fc.assert(
      fc.property(frames, (given) => {
        const back = readCapture(writePcapng(given, 'nic0'));
        expect(back).toEqual(given.map((frame) => ({ ...frame, at: frame.at - given[0]!.at })));
      }),
    );
  });

  test('writes block by block, so that the file is valid after each', () => {
    const blocks: Uint8Array[] = [];
    const writer = new CaptureWriter((block) => blocks.push(block), 'nic0');
    expect(readCapture(Buffer.concat(blocks))).toEqual([]);
    writer.add({ at: 7, data: Uint8Array.of(1, 2, 3) });
    expect(blocks).toHaveLength(3);
    expect(readCapture(Buffer.concat(blocks))).toEqual([
      { at: 0, data: Buffer.from([1, 2, 3]), originalLength: 3 },
    ]);
  });

  test('refuses an invalid number of nanoseconds', () => {
    expect(() => writePcapng([{ at: -1, data: new Uint8Array(0) }], '')).toThrow(
      'at must be nanoseconds from 0 to 2^53 − 1; got -1',
    );
    expect(() => writePcapng([{ at: 0.5, data: new Uint8Array(0) }], '')).toThrow(MisuseError);
  });
});

describe('reading arbitrary bytes', () => {
  /** True if all is well: frames inside the file, or the one kind of error. */
  const behaves = (bytes: Uint8Array) => {
    try {
      return readCapture(bytes).reduce((sum, frame) => sum + frame.data.length, 0) <= bytes.length;
    } catch (error) {
      return error instanceof MisuseError && error.path.startsWith('capture at byte ');
    }
  };
  const PCAP = Uint8Array.from(
    Buffer.from(
      'd4c3b2a1020004000000000000000000ffff00000100000001000000010000000300000003000000aabbcc',
      'hex',
    ),
  );
  const PCAPNG = writePcapng(
    [
      { at: 1, data: new Uint8Array(9), direction: 'in' },
      { at: 2, data: PCAP },
    ],
    'x',
  );

  test('ends, and throws nothing but MisuseError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), behaves));
  });

  test('does so too for a valid file with bytes changed or cut off', () => {
    const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(PCAP, PCAPNG), changes, fc.nat(250), (file, edits, length) => {
        const copy = file.slice(0, length);
        for (const [at, value] of edits) copy[at] = value;
        return behaves(copy);
      }),
      { numRuns: 2000 },
    );
  });
});
