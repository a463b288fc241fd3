import { describe, expect, test } from 'vitest';
import { dsdt } from './dsdt.ts';
import { SEEN } from './rig.ts';
import { ssdt } from './ssdt.ts';

/** Bytes as `4c 4e 4b 41`, so that a pattern cannot begin inside a byte. */
const spaced = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
const word = (text: string) => spaced(Buffer.from(text));
const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** As in every log of the BIOS. */
const DSDT_LENGTH = 0x17b2;
/** The SSDT of 2018 without processors. */
const SSDT_FIXED = 0x86e;
const TABLE = dsdt(SEEN, DSDT_LENGTH);
const BYTES = spaced(TABLE);
const LINKS: Readonly<Record<string, string>> = Object.fromEntries(
  ['LNKA', 'LNKB', 'LNKC', 'LNKD', 'LNKS'].map((link) => [word(link), link]),
);

interface Route {
  readonly slot: number;
  readonly pin: number;
  readonly link: string | undefined;
}

/** An element of `_PRT`: four elements, the address (of two bytes in slot 0), the pin, the link's name, 0. */
const ROUTE = /12 .. 04 (?:0b|0c) ff ff (?:(..) 00 )?(?:(00|01)|0a (..)) (4c 4e 4b ..) 00/g;
const routes = [...BYTES.matchAll(ROUTE)].map(
  ([, slot = '00', small, pin = small!, link]): Route => ({
    slot: Number.parseInt(slot, 16),
    pin: Number.parseInt(pin, 16),
    link: LINKS[link!],
  }),
);

describe('_PRT', () => {
  test('has each pin of each slot', () => {
    const all = Array.from({ length: 32 * 4 }, (_, i) => [i >> 2, i & 3]);
    expect(routes.map(({ slot, pin }) => [slot, pin])).toEqual(all);
  });

  /** Linux found the IRQs of these links at these slots. */
  test.each([
    [3, 'LNKC'],
    [4, 'LNKD'],
    [5, 'LNKA'],
  ])('routes INTA of slot %i to %s', (slot, link) => {
    expect(routes.find((route) => route.slot === slot && route.pin === 0)?.link).toBe(link);
  });

  test('routes each pin to the link after that of the previous pin, but INTA of slot 1 to the SCI', () => {
    const off = routes.filter(({ slot, pin, link }) => link !== `LNK${'ABCD'[(slot + 3 + pin) % 4]}`);
    expect(off).toEqual([{ slot: 1, pin: 0, link: 'LNKS' }]);
  });
});

describe('_SUN', () => {
  /** `_ADR`, whose upper half is the slot, and `_SUN` behind it. */
  const NUMBERED = /08 5f 41 44 52 0c 00 00 (..) 00 08 5f 53 55 4e (?:0a )?(..)/g;
  const numbered = (bytes: Uint8Array) => [...spaced(bytes).matchAll(NUMBERED)].map(([, ...both]) => both);

  /** As `lspci` printed "Physical Slot" of 1, 3 and 4 in 2017, and none of slot 0; so a NIC in slot 4 is ens4. */
  test('numbers each slot but 0 by its address, the ISA bridge first', () => {
    const all = Array.from({ length: 31 }, (_, i) => (i + 1).toString(16).padStart(2, '0'));

    expect(numbered(TABLE)).toEqual(all.map((slot) => [slot, slot]));
  });

  test('is absent on a machine whose guests name NICs by addresses, in a table of the same length', () => {
    const table = dsdt({ ...SEEN, pci: { ...SEEN.pci, numbersSlots: false } }, DSDT_LENGTH);

    expect([numbered(table), table.length]).toEqual([[], DSDT_LENGTH]);
  });
});

/** The bytes of a `_CRS` template after a device's name, without end tag and checksum. */
function resourcesOf(device: string): string {
  const text = latin(TABLE);
  const from = text.indexOf('_CRS', text.indexOf(device)) + 4;
  const size = TABLE[from + 3]!;
  return spaced(TABLE.subarray(from + 4, from + 4 + size - 2));
}

/** Ports are 47 01, the first twice, alignment, count; an IRQ is 22 and its bit of sixteen. */
test.each([
  ['RTC_', '47 01 70 00 70 00 01 02 22 00 01'],
  ['KBD_', '47 01 60 00 60 00 01 01 47 01 64 00 64 00 01 01 22 02 00'],
  ['MOU_', '22 00 10'],
  ['COM1', '47 01 f8 03 f8 03 01 08 22 10 00'],
  ['COM2', '47 01 f8 02 f8 02 01 08 22 08 00'],
  ['COM3', '47 01 e8 03 e8 03 01 08 22 40 00'],
  ['COM4', '47 01 e8 02 e8 02 01 08 22 80 00'],
])('%s has the ports and the IRQ that were observed', (device, resources) => {
  expect(resourcesOf(device)).toBe(resources);
});

test('ports that share an IRQ are marked so: 23, its bit, edge and high and shared', () => {
  const [com1, com2, com3] = SEEN.serial;
  const table = spaced(dsdt({ ...SEEN, serial: [com1!, com2!, { ...com3!, irq: com1!.irq }] }, DSDT_LENGTH));
  expect(table.match(/47 01 .. 0[23] .. 0[23] 01 08 2[23] .. .. ../g)).toEqual([
    '47 01 f8 03 f8 03 01 08 23 10 00 11',
    '47 01 f8 02 f8 02 01 08 22 08 00 79',
    '47 01 e8 03 e8 03 01 08 23 10 00 11',
  ]);
});

test('a machine with fewer ports has fewer devices, in a table of the same length', () => {
  const table = dsdt({ ...SEEN, serial: SEEN.serial.slice(0, 1) }, DSDT_LENGTH);
  expect(latin(table).match(/COM\d/g)).toEqual(['COM1']);
  expect(table.length).toBe(TABLE.length);
});

describe('SSDT', () => {
  test('has every processor, with its ID and its block at PMBA + 10h', () => {
    const found = spaced(ssdt({ ...SEEN, vcpus: 17 }, SSDT_FIXED)).matchAll(
      /5b 83 0b 43 50 .. .. (..) 10 b0 00 00 06/g,
    );
    const ids = Array.from(found, ([, id]) => Number.parseInt(id!, 16));
    expect(ids).toEqual(Array.from({ length: 17 }, (_, id) => id));
  });

  test('names its processors by their number in hexadecimal', () => {
    const names = latin(ssdt({ ...SEEN, vcpus: 17 }, SSDT_FIXED)).match(/CP\w\w/g)!;
    expect(names.slice(9).join(' ')).toBe('CP09 CP0A CP0B CP0C CP0D CP0E CP0F CP10');
  });

  // As kernels printed it: with the BIOS of 2018, and from 2020 on and with a UEFI.
  test.each([
    [2, 0x86e, 0x930],
    [4, 0x86e, 0x9f2],
    [256, 0x86e, 0x690d],
    [1, 0x8be, 0x91f],
    [2, 0x8be, 0x980],
    [4, 0x8be, 0xa42],
  ])('with room for %i processors beside %i bytes is %i bytes long', (maxCpus, fixed, length) => {
    expect(ssdt({ ...SEEN, vcpus: 1, maxCpus }, fixed).length).toBe(length);
  });

  test('has room for our 64 processors', () => {
    expect(latin(ssdt({ ...SEEN, vcpus: 64, maxCpus: 64 }, SSDT_FIXED)).match(/_S5_/g)).toHaveLength(1);
    expect(ssdt({ ...SEEN, vcpus: 64, maxCpus: 64 }, SSDT_FIXED).length).toBe(0x86e + 0x61 * 64);
  });
});
