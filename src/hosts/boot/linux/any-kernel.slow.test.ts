import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { e820 } from '../../../acpi/tables.ts';
import { GuestMemory } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { bzImageOf, elfOf, HALT } from '../kernel-rig.ts';
import { loadLinux, readKernel } from './load-linux.ts';

const RAM = 4 << 20;
const memory = GuestMemory.of(RAM);
const memoryMap = e820({ below4G: RAM, above4G: 0 }, []);
const initrd = new Uint8Array(5000);

/** An error other than a one-line MisuseError passes through, and fails the property. */
function outcome(kernel: Uint8Array): 'loaded' | 'refused' {
  try {
    loadLinux(memory, readKernel(kernel), { initrd, append: 'quiet', memoryMap, vga: true });
    return 'loaded';
  } catch (error) {
    if (error instanceof MisuseError && !error.message.includes('\n')) return 'refused';
    throw error;
  }
}

const FILES = { elf: elfOf(HALT), bzImage: bzImageOf(HALT) };
/** Where their headers end. */
const HEADERS = { elf: 84, bzImage: 0x270 };

describe.each(['elf', 'bzImage'] as const)('of an %s', (kind) => {
  const file = FILES[kind];

  test('any byte of the header may change', () => {
    const seen = new Set<string>();
    for (let at = 0; at < HEADERS[kind]; at++)
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const kernel = file.slice();
        kernel[at] = value;
        seen.add(outcome(kernel));
      }

    expect([...seen].sort()).toEqual(['loaded', 'refused']);
  });

  test('any bytes may change or be missing', () => {
    const change = fc.tuple(fc.nat({ max: HEADERS[kind] - 1 }), fc.nat({ max: 255 }));
    const cut = fc.oneof(fc.constant(file.length), fc.nat({ max: file.length }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), cut, (changes, length) => {
        const kernel = file.slice(0, length);
        for (const [at, value] of changes) if (at < length) kernel[at] = value;
        expect(outcome(kernel)).toMatch(/^(loaded|refused)$/);
      }),
      { numRuns: 3000 },
    );
  });
});
