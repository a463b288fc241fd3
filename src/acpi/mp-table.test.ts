import { describe, expect, test } from 'vitest';
import { MP_HEADER, MP_INTERRUPT, MP_POINTER, MP_PROCESSOR, mpPointer, mpTable } from './mp-table.ts';
import { SEEN, sum } from './rig.ts';

/** Entries of type 0 are 20 bytes, all others 8 (chapter 4.3). */
function entriesOf(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at: number = MP_HEADER.size;
  while (at < bytes.length) {
    const size = bytes[at] === 0 ? 20 : 8;
    found.push(bytes.subarray(at, at + size));
    at += size;
  }
  return found;
}

const interruptsFrom = (bus: number) =>
  entriesOf(mpTable(SEEN))
    .filter(([type]) => type === 3)
    .map((entry) => MP_INTERRUPT.decode(entry))
    .filter(({ SOURCE_BUS_ID }) => SOURCE_BUS_ID === bus);

test('the pointer sums to zero and points to the table', () => {
  const bytes = mpPointer(0xf_2c90);
  const { PHYSICAL_ADDRESS_POINTER, LENGTH } = MP_POINTER.decode(bytes);
  expect([PHYSICAL_ADDRESS_POINTER, 16 * LENGTH, bytes.length, sum(bytes)]).toEqual([0xf_2c90, 16, 16, 0]);
});

describe('the configuration table', () => {
  test('sums to zero, and has its length and number of entries', () => {
    const bytes = mpTable(SEEN);
    const { BASE_TABLE_LENGTH, ENTRY_COUNT } = MP_HEADER.decode(bytes);
    expect([BASE_TABLE_LENGTH, ENTRY_COUNT, sum(bytes)]).toEqual([bytes.length, entriesOf(bytes).length, 0]);
  });

  test('has its entries in the order of their types', () => {
    const types = entriesOf(mpTable(SEEN)).map(([type]) => type!);
    expect(types).toEqual([...types].sort((a, b) => a - b));
  });

  test('has one processor that boots', () => {
    const flags = entriesOf(mpTable({ ...SEEN, vcpus: 4 }))
      .filter(([type]) => type === 0)
      .map((entry) => entry[3]);
    expect(flags).toEqual([3, 1, 1, 1]);
  });

  // The MP table that SeaBIOS reported in 2013: one processor, and functions with a pin at 01.3, 03.0 and 04.0.
  test('with one processor has 240 bytes, of which seventeen entries are I/O interrupts', () => {
    const bytes = mpTable({ ...SEEN, vcpus: 1 });

    expect(bytes.length).toBe(240);
    expect(entriesOf(bytes).filter(([type]) => type === 3)).toHaveLength(17);
  });

  test('has the signature and the features of CPUID', () => {
    const { CPU_SIGNATURE, FEATURE_FLAGS } = MP_PROCESSOR.decode(entriesOf(mpTable(SEEN))[0]!);

    expect([CPU_SIGNATURE, FEATURE_FLAGS]).toEqual([0x0083_0f10, 0x178b_fbff]);
  });

  test('routes the pins of present functions to their IRQs, active high and level-triggered', () => {
    const found = interruptsFrom(0).map((one) => [one.SOURCE_BUS_IRQ, one.DESTINATION_INTIN, one.FLAGS]);

    expect(found).toEqual([
      [1 << 2, 9, 0x0d],
      [3 << 2, 11, 0x0d],
      [4 << 2, 11, 0x0d],
    ]);
  });

  test('lists a pin once that two functions of a slot share', () => {
    const functions = [...SEEN.pci.functions, { slot: 4, pin: 1, irq: 11 }, { slot: 4, pin: 2, irq: 10 }];
    const bytes = mpTable({ ...SEEN, pci: { ...SEEN.pci, functions } });

    const sources = entriesOf(bytes).filter(([type, , , , bus]) => type === 3 && bus === 0);

    expect(sources.map((entry) => entry[5])).toEqual([4, 12, 16, 17]);
  });

  test("routes the 8259's interrupt to LINT0 of the first processor, NMI to LINT1 of all", () => {
    const local = entriesOf(mpTable(SEEN))
      .filter(([type]) => type === 4)
      .map((entry) => [entry[1], entry[6], entry[7]]);
    expect(local).toEqual([
      [3, 0, 0],
      [1, 0xff, 1],
    ]);
  });

  test('routes each ISA interrupt to the pin of its number, except those of functions', () => {
    const pins = interruptsFrom(1).map(({ SOURCE_BUS_IRQ, DESTINATION_INTIN }) => [
      SOURCE_BUS_IRQ,
      DESTINATION_INTIN,
    ]);
    expect(pins).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14, 15].map((irq) => [irq, irq]));
  });
});
