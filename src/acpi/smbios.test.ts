import { describe, expect, test } from 'vitest';
import { SEEN, sum } from './rig.ts';
import { SMBIOS_ENTRY_POINT, SMBIOS_HEADER, smbiosEntryPoint, structure } from './smbios.ts';
import {
  BASE_BOARD,
  BIOS_INFORMATION,
  PROCESSOR,
  SYSTEM_BOOT,
  SYSTEM_INFORMATION,
  smbios,
} from './smbios-structures.ts';

interface Read {
  readonly type: number;
  readonly handle: number;
  readonly formatted: Uint8Array;
  readonly strings: readonly string[];
}

/** A structure ends with two zero bytes, after its strings; the formatted part's length includes the header. */
function readAll(bytes: Uint8Array): Read[] {
  const found: Read[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { Type, Length, Handle } = SMBIOS_HEADER.decode(bytes, at);
    let end = at + Length;
    while (end < bytes.length && (bytes[end] !== 0 || bytes[end + 1] !== 0)) end++;
    const strings = Buffer.from(bytes.subarray(at + Length, end))
      .toString('latin1')
      .split('\0');
    found.push({ type: Type, handle: Handle, formatted: bytes.subarray(at + 4, at + Length), strings });
    at = end + 2;
  }
  return found;
}

/** The machine whose dmidecode output is kept complete. */
const FOUR = { ...SEEN, vcpus: 4, maxCpus: 4, ram: { below4G: 3 * 2 ** 30, above4G: 13 * 2 ** 30 } };

/** As a guest of 2023 with UEFI listed them. */
const BUILD = { released: '07/12/2023', boardSerial: true };
const only = (type: number) => readAll(smbios(SEEN, BUILD).bytes).find((one) => one.type === type)!;

describe('the structures', () => {
  test('are those that guests listed, in the order of their types', () => {
    const types = readAll(smbios(SEEN, BUILD).bytes).map(({ type }) => type);
    expect(types).toEqual([0, 1, 2, 3, 4, 4, 16, 17, 19, 19, 20, 20, 32, 127]);
  });

  test('have the number and size in the entry point', () => {
    const table = smbios({ ...SEEN, maxCpus: 64 }, BUILD);
    expect(readAll(table.bytes)).toHaveLength(table.count);
    expect(table.largest).toBeGreaterThan(SYSTEM_INFORMATION.size);
  });

  // dmidecode of July 2023: "16 structures occupying 638 bytes".
  test('of a machine with four processors and 16 GiB are 16 in 638 bytes', () => {
    const { count, bytes } = smbios(FOUR, BUILD);

    expect([count, bytes.length]).toEqual([16, 638]);
  });

  test('have the handles and lengths of this machine', () => {
    const found = readAll(smbios(FOUR, BUILD).bytes).map(({ type, handle, formatted }) => [
      type,
      handle,
      4 + formatted.length,
    ]);

    expect(found).toEqual([
      [0, 0x0000, 24],
      [1, 0x0097, 27],
      [2, 0x0098, 15],
      [3, 0x0099, 20],
      [4, 0x1001, 32],
      [4, 0x1002, 32],
      [4, 0x1003, 32],
      [4, 0x1004, 32],
      [16, 0x0200, 15],
      [17, 0x7000, 21],
      [19, 0x0300, 15],
      [19, 0x0301, 15],
      [20, 0x4000, 19],
      [20, 0x4001, 19],
      [32, 0x0100, 11],
      [127, 0xfeff, 4],
    ]);
  });

  test('have unique handles', () => {
    const handles = readAll(smbios({ ...SEEN, maxCpus: 64 }, BUILD).bytes).map(({ handle }) => handle);
    expect(new Set(handles).size).toBe(handles.length);
  });

  test('name the BIOS and its date', () => {
    const { formatted, strings } = only(0);
    const { Vendor, BIOS_Version, BIOS_Release_Date } = BIOS_INFORMATION.decode(formatted);
    expect([Vendor, BIOS_Version, BIOS_Release_Date].map((n) => strings[n - 1])).toEqual([
      'Google',
      'Google',
      '07/12/2023',
    ]);
  });

  test('name the product, and its serial number after the UUID', () => {
    const { formatted, strings } = only(1);
    const { Product_Name, Serial_Number, Version, UUID } = SYSTEM_INFORMATION.decode(formatted);
    expect(Version).toBe(0);
    expect([Product_Name, Serial_Number].map((n) => strings[n - 1])).toEqual([
      'Google Compute Engine',
      'GoogleCloud-00112233445566778899AABBCCDDEEFF',
    ]);
    expect(Buffer.from(UUID).toString('hex')).toBe('00112233445566778899aabbccddeeff');
  });

  test('relate the board to the chassis, with the UUID as its tag', () => {
    const { formatted, strings } = only(2);
    const { Chassis_Handle, Asset_Tag } = BASE_BOARD.decode(formatted);
    expect(Chassis_Handle).toBe(only(3).handle);
    expect(strings[Asset_Tag - 1]).toBe('00112233-4455-6677-8899-AABBCCDDEEFF');
  });
});

describe('a processor', () => {
  test.each([
    [1, 'CPU 1'],
    [9, 'CPU 9'],
    [16, 'CPU10'],
    [256, 'CPU100'],
  ])('%i has the socket %s', (number, socket) => {
    const processors = readAll(smbios({ ...SEEN, maxCpus: 256 }, BUILD).bytes).filter(
      ({ type }) => type === 4,
    );

    expect(processors[number - 1]!.strings[0]).toBe(socket);
  });

  test('has EAX of CPUID leaf 1 as its id, then EDX', () => {
    const cpuid = { eax: 0x0003_06f0, edx: 0x1f8b_fbff };
    const { formatted } = readAll(smbios({ ...SEEN, cpuid }, BUILD).bytes).find(({ type }) => type === 4)!;

    expect(PROCESSOR.decode(formatted).Processor_ID).toBe(0x1f8b_fbff_0003_06f0n);
  });
});

describe('a structure', () => {
  test('without strings ends with two zero bytes', () => {
    const bytes = structure(SYSTEM_BOOT, 32, 0x2000, { Boot_Status: 1 });
    expect(Buffer.from(bytes).toString('hex')).toBe('200b0020000000000000010000');
  });

  test('stores a text twice if two members use it, or 638 bytes would be seven fewer', () => {
    const { strings } = only(0);
    expect(strings).toEqual(['Google', 'Google', '07/12/2023']);
  });
});

test('the entry point sums to zero, whole and from its second half', () => {
  const table = smbios(SEEN, BUILD);
  const entry = smbiosEntryPoint(table, 0xf_2630);
  expect([entry.length, sum(entry), sum(entry.subarray(0x10))]).toEqual([0x1f, 0, 0]);
  expect(SMBIOS_ENTRY_POINT.decode(entry)).toMatchObject({
    Major_Version: 2,
    Minor_Version: 4,
    Maximum_Structure_Size: table.largest,
    Structure_Table_Length: table.bytes.length,
    Structure_Table_Address: 0xf_2630,
    Number_of_Structures: table.count,
  });
});
