import { describe, expect, test } from 'vitest';
import { MP_HEADER, MP_INTERRUPT, MP_POINTER, mpPointer, mpTable } from './mp-table.ts';
import { SEEN } from './rig.ts';

const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0) % 256;

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

test('the pointer sums to zero and leads to the table', () => {
  const bytes = mpPointer(0xf_2c90);
  const { PHYSICAL_ADDRESS_POINTER, LENGTH } = MP_POINTER.decode(bytes);
  expect([PHYSICAL_ADDRESS_POINTER, 16 * LENGTH, bytes.length, sum(bytes)]).toEqual([0xf_2c90, 16, 16, 0]);
});

describe('the configuration table', () => {
  test('sums to zero, and says its length and how many entries it has', () => {
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

  test("leads INTA of the slots to their links' pins, active high and level-triggered", () => {
    const [scsi, net] = interruptsFrom(0).filter(({ SOURCE_BUS_IRQ }) =>
      [3 << 2, 4 << 2].includes(SOURCE_BUS_IRQ),
    );
    expect([scsi, net].map((one) => [one!.DESTINATION_INTIN, one!.FLAGS])).toEqual([
      [11, 0x0d],
      [11, 0x0d],
    ]);
  });

  test("leads the 8259's interrupt to LINT0 of the first processor, NMI to LINT1 of all", () => {
    const local = entriesOf(mpTable(SEEN))
      .filter(([type]) => type === 4)
      .map((entry) => [entry[1], entry[6], entry[7]]);
    expect(local).toEqual([
      [3, 0, 0],
      [1, 0xff, 1],
    ]);
  });

  test('leads each ISA interrupt to the pin of its number, but the cascade and what links have', () => {
    const pins = interruptsFrom(1).map(({ SOURCE_BUS_IRQ, DESTINATION_INTIN }) => [
      SOURCE_BUS_IRQ,
      DESTINATION_INTIN,
    ]);
    expect(pins).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15].map((irq) => [irq, irq]));
  });
});
