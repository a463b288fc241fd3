import { describe, expect, test } from 'vitest';
import { SMBIOS_ENTRY_POINT } from '../src/acpi/smbios.ts';
import { gceN1, type Machine, type MachineOptions } from '../src/index.ts';

const RAM = 64 << 20;
const MIB = 1 << 20;

function text(machine: Machine, address: number, length: number): string {
  const bytes = new Uint8Array(length);
  machine.port.memory.read(address, bytes);
  return Buffer.from(bytes).toString('latin1');
}

/** As a guest of a BIOS searches: for a signature, on 16 bytes in the F segment. */
function find(machine: Machine, signature: string): number {
  const found = text(machine, 0xf_0000, 0x1_0000).indexOf(signature);
  return found < 0 ? Number.NaN : 0xf_0000 + found;
}

/** Address, counted back from the end of RAM, and length of each table of the RSDT. */
function tablesOf(options: MachineOptions): Record<string, [before: number, length: number]> {
  const machine = gceN1({ memory: { below4G: RAM }, ...options });
  const word = (address: number) => machine.port.memory.load(address, 4);
  const rsdt = word(find(machine, 'RSD PTR ') + 16);
  const tables = Array.from({ length: 5 }, (_, i) => word(rsdt + 36 + 4 * i));
  return Object.fromEntries(tables.map((at) => [text(machine, at, 4), [RAM - at, word(at + 4)]]));
}

describe('the tables of a BIOS follow the number of CPUs', () => {
  // November 2018: F29F0, and from BFFFFF00 down.
  test('with four', () => {
    expect(tablesOf({ vcpus: 4 })).toEqual({
      FACP: [0x100, 0xf4],
      SSDT: [0xb40, 0x9f2],
      APIC: [0xc40, 0x86],
      WAET: [0xc70, 0x28],
      SRAT: [0xd60, 0xe8],
    });
    expect(find(gceN1({ vcpus: 4 }), 'RSD PTR ')).toBe(0xf_29f0);
  });

  // August 2018: F27C0, and from BFFFCF60 down.
  test('with four and room for 256', () => {
    expect(tablesOf({ vcpus: 4, maxCpus: 256 })).toEqual({
      FACP: [0x30a0, 0xf4],
      SSDT: [0x9a10, 0x690d],
      APIC: [0xa2f0, 0x86],
      WAET: [0xa320, 0x28],
      SRAT: [0xb3d0, 0xe8],
    });
    expect(find(gceN1({ vcpus: 4, maxCpus: 256 }), 'RSD PTR ')).toBe(0xf_27c0);
  });

  test('and so does the memory that the memory map reserves for them', () => {
    const reservedFrom = (options: MachineOptions) =>
      RAM -
      gceN1({ memory: { below4G: RAM }, ...options }).e820.find(({ base, type }) => base > MIB && type === 2)!
        .base;

    expect(reservedFrom({ vcpus: 4 })).toBe(0x3000);
    expect(reservedFrom({ vcpus: 4, maxCpus: 256 })).toBe(0xd000);
  });

  test('so does SMBIOS: a structure for each CPU that there is room for', () => {
    const machine = gceN1({ vcpus: 2, maxCpus: 5 });
    const entry = new Uint8Array(SMBIOS_ENTRY_POINT.size);
    machine.port.memory.read(find(machine, '_SM_'), entry);
    const { Number_of_Structures } = SMBIOS_ENTRY_POINT.decode(entry);

    // Ten without processors: one range of RAM is described in two.
    expect(Number_of_Structures).toBe(10 + 5);
  });

  test('so does the MP table: an entry for each present CPU', () => {
    const machine = gceN1({ vcpus: 4, maxCpus: 256 });
    const table = machine.port.memory.load(find(machine, '_MP_') + 4, 4);

    const types = [0, 1, 2, 3, 4].map((i) => machine.port.read(table + 44 + 20 * i, 1));

    expect(text(machine, table, 4)).toBe('PCMP');
    expect(types).toEqual([0, 0, 0, 0, 1]);
  });
});

// July and November 2023: A42 and 91F.
test.each([
  [1, undefined, 0x91f],
  [4, undefined, 0xa42],
  [4, 256, 0x695d],
])('with a UEFI, %i CPUs and room for %s the SSDT has %i bytes', (vcpus, maxCpus, length) => {
  const { tables } = gceN1({ firmware: 'uefi', vcpus, maxCpus }).chassis;

  expect(tables.find(({ name }) => name === 'SSDT')!.bytes.length).toBe(length);
});

test('with a UEFI and room for 256 CPUs all tables lie in ACPI data', () => {
  const { chassis, e820 } = gceN1({ firmware: 'uefi', vcpus: 64, maxCpus: 256 });

  const data = e820.find(({ type }) => type === 3)!;

  expect(chassis.tables.find(({ name }) => name === 'WAET')!.address).toBeGreaterThanOrEqual(data.base);
});

describe('misuse', () => {
  test.each([
    [{ vcpus: 4, maxCpus: 3 }, 'maxCpus must be at least as many as there are, 4; got 3'],
    [{ maxCpus: 257 }, 'maxCpus must be a whole number from 1 to 256; got 257'],
    [{ maxCpus: 0 }, 'maxCpus must be a whole number from 1 to 256; got 0'],
    [{ cpuid: { eax: -1, edx: 0 } }, 'cpuid.eax must be a whole number from 0 to 4294967295; got -1'],
    [
      { firmwareDate: '2023-07-12' },
      'firmwareDate must be a date, month first (example 07/12/2023); got "2023-07-12"',
    ],
    [
      { firmwareDate: '13/01/2023' },
      'firmwareDate must be a date, month first (example 07/12/2023); got "13/01/2023"',
    ],
  ])('is %j', (options, said) => {
    expect(() => gceN1(options)).toThrow(said);
  });
});
