import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../core/bytes-rig.ts';
import { MisuseError } from '../core/misuse.ts';
import { writePcapng } from './capture-writer.ts';
import { readCapture } from './read-capture.ts';

const frame = (at: number) => ({ at, data: Uint8Array.of(1, 2, 3, 4, 5) });

/** Version 2.4, Ethernet; two frames of a byte. */
const PCAP = hex(`
  d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000
  01000000 01000000 01000000 01000000 aa
  02000000 00000000 01000000 01000000 bb`);
const PCAPNG = writePcapng([frame(0), frame(1000)], 'eth0');

/** Errors other than a one-line MisuseError pass through, and fail the property. */
function outcome(bytes: Uint8Array): 'read' | 'refused' {
  try {
    readCapture(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof MisuseError && !error.message.includes('\n')) return 'refused';
    throw error;
  }
}

describe.each([
  ['pcap', PCAP],
  ['pcapng', PCAPNG],
])('a file of %s', (_name, file) => {
  test('may have frames up to the limit', () => {
    expect(readCapture(file, 2).length).toBe(2);
    expect(() => readCapture(file, 1)).toThrow(
      /^capture at byte \d+ must be one of the 1 that are read; got "another frame"$/,
    );
  });

  test('gives frames or a one-line error, with any bytes changed or missing', () => {
    const change = fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 }));
    const cut = fc.oneof(fc.constant(file.length), fc.nat({ max: file.length }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), cut, (changes, length) => {
        const bytes = file.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        expect(outcome(bytes)).toMatch(/^(read|refused)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

test('a section of more than 65,536 interfaces is refused', () => {
  const section = hex('0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000');
  const one = hex('01000000 14000000 0100 0000 00000000 14000000');
  const file = Buffer.concat([section, ...Array.from({ length: 65_537 }, () => one)]);

  expect(() => readCapture(file)).toThrow(
    'capture at byte 1310748 must be one of the 65536 that are read; got "another interface"',
  );
});
