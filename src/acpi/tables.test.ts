import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TablesConfig } from './config.ts';
import type { Placement } from './placement.ts';
import { SEEN } from './rig.ts';
import { acpiTables, e820 } from './tables.ts';

const machines = fc
  .record({
    pages: fc.integer({ min: 0x200, max: 0xc_0000 }),
    high: fc.oneof(fc.constant(0), fc.nat(0x10_0000)),
    vcpus: fc.integer({ min: 1, max: 64 }),
    more: fc.integer({ min: 0, max: 192 }),
  })
  .map(({ pages, high, vcpus, more }) => ({
    ...SEEN,
    vcpus,
    maxCpus: vcpus + more,
    ram: { below4G: pages * 4096, above4G: high * 4096 },
  }));

const byAddress = (tables: readonly Placement[]) => [...tables].sort((a, b) => a.address - b.address);
const end = ({ address, bytes }: Placement) => address + bytes.length;

const GIB = 2 ** 30;
const placesOf = (config: TablesConfig) =>
  Object.fromEntries(acpiTables(config).map(({ name, address }) => [name, address]));
const lengthsOf = (config: TablesConfig) =>
  Object.fromEntries(acpiTables(config).map(({ name, bytes }) => [name, bytes.length]));

/** A machine with all possible processors present; RAM below 4 GiB ends at 3 GiB. */
function machine(vcpus: number, above4G: number): TablesConfig {
  return { ...SEEN, vcpus, maxCpus: vcpus, ram: { below4G: 3 * GIB, above4G } };
}

/** Three kernels, of August and November 2018. */
const FOUR = machine(4, 12 * GIB);
const FOUR_OF_256 = { ...FOUR, maxCpus: 256 };

describe('the tables of the observed machine', () => {
  test('have the addresses that its kernel printed', () => {
    expect(placesOf(SEEN)).toMatchObject({
      RSDP: 0x000f_2a50,
      RSDT: 0xbfff_dba0,
      FACP: 0xbfff_ff00,
      DSDT: 0xbfff_dbe0,
      FACS: 0xbfff_fec0,
      SSDT: 0xbfff_f590,
      APIC: 0xbfff_f4a0,
      WAET: 0xbfff_f470,
      SRAT: 0xbfff_f3a0,
      _MP_: 0x000f_2c80,
    });
  });

  test('have the addresses of a kernel with four processors', () => {
    expect(placesOf(FOUR)).toMatchObject({
      RSDP: 0x000f_29f0,
      RSDT: 0xbfff_daa0,
      FACP: 0xbfff_ff00,
      DSDT: 0xbfff_dae0,
      FACS: 0xbfff_fec0,
      SSDT: 0xbfff_f4c0,
      APIC: 0xbfff_f3c0,
      WAET: 0xbfff_f390,
      SRAT: 0xbfff_f2a0,
      _MP_: 0x000f_2c80,
    });
  });

  test('have the addresses of a kernel with four processors and room for 256', () => {
    expect(placesOf(FOUR_OF_256)).toMatchObject({
      RSDP: 0x000f_27c0,
      RSDT: 0xbfff_3430,
      FACP: 0xbfff_cf60,
      DSDT: 0xbfff_3470,
      FACS: 0xbfff_cf00,
      SSDT: 0xbfff_65f0,
      APIC: 0xbfff_5d10,
      WAET: 0xbfff_5ce0,
      SRAT: 0xbfff_4c30,
    });
  });

  test('have the lengths that these kernels printed', () => {
    expect(lengthsOf(SEEN)).toMatchObject({ DSDT: 0x17b2, SSDT: 0x930, RSDP: 0x14, FACS: 0x40, _MP_: 0x10 });
    expect(lengthsOf(FOUR)).toMatchObject({ DSDT: 0x17b2, SSDT: 0x9f2, APIC: 0x86, SRAT: 0xe8 });
    expect(lengthsOf(FOUR_OF_256)).toMatchObject({ DSDT: 0x17b2, SSDT: 0x690d, APIC: 0x86, SRAT: 0xe8 });
  });

  test('are reserved in the memory map, as its kernel printed it', () => {
    expect(
      e820(SEEN.ram, acpiTables(SEEN)).map(({ base, size, type }) => [base, base + size - 1, type]),
    ).toEqual([
      [0x0000_0000, 0x0009_fbff, 1],
      [0x0009_fc00, 0x0009_ffff, 2],
      [0x000f_0000, 0x000f_ffff, 2],
      [0x0010_0000, 0xbfff_cfff, 1],
      [0xbfff_d000, 0xbfff_ffff, 2],
      [0xfffb_c000, 0xffff_ffff, 2],
      [0x1_0000_0000, 0x2_1fff_ffff, 1],
    ]);
  });
});

describe('SMBIOS', () => {
  // As of 2013: entry point fdad0, MP pointer fdaf0.
  test.each([
    ['two processors', SEEN],
    ['four', FOUR],
    ['eight', machine(8, 27 * GIB)],
    ['room for 256', FOUR_OF_256],
  ])('with %s has its entry point 20h below the MP pointer', (_what, config) => {
    const { _SM_, _MP_ } = placesOf(config);

    expect(_SM_).toBe(_MP_! - 0x20);
  });

  test('has its structures between entry point and RSDP, up to 600 bytes of them', () => {
    const { DMI, RSDP, _SM_ } = placesOf(FOUR);

    expect(DMI! + lengthsOf(FOUR).DMI!).toBeLessThanOrEqual(_SM_!);
    expect(RSDP! + lengthsOf(FOUR).RSDP!).toBeLessThanOrEqual(DMI!);
  });

  // A standard machine with so many has 30 GiB.
  test('with eight processors has them at the end of RAM, above all other tables', () => {
    const { DMI, FACP } = placesOf(machine(8, 27 * GIB));

    expect(DMI).toBe(0xbfff_fcc0);
    expect(FACP).toBe(0xbfff_fbc0);
  });

  test('with room for 256 fills the last three pages of RAM, which a kernel of August 2018 failed to map', () => {
    const structures = acpiTables(FOUR_OF_256).find(({ name }) => name === 'DMI')!;
    const pages = [structures.address, end(structures) - 1].map((address) => Math.floor(address / 4096));

    expect(pages).toEqual([0xb_fffd, 0xb_ffff]);
  });

  test('has the same address without RAM above 4 GiB, as have all tables', () => {
    expect(placesOf(machine(2, 0))).toEqual(placesOf(SEEN));
  });
});

test('a guest without ACPI finds $PIR on 16 bytes after the MP table', () => {
  const { $PIR, PCMP } = placesOf(SEEN);

  expect($PIR! % 16).toBe(0);
  expect($PIR! - (PCMP! + lengthsOf(SEEN).PCMP!)).toBeLessThan(16);
});

describe('on any machine', () => {
  test('no two tables overlap, and each lies on 16 bytes, FACS on 64', () => {
    fc.assert(
      fc.property(machines, (config) => {
        const tables = byAddress(acpiTables(config));
        expect(tables.slice(1).filter((table, i) => table.address < end(tables[i]!))).toEqual([]);
        expect(tables.filter(({ address }) => address % 16 !== 0)).toEqual([]);
        expect(tables.find(({ name }) => name === 'FACS')!.address % 64).toBe(0);
      }),
    );
  });

  test('each lies completely in reserved memory', () => {
    fc.assert(
      fc.property(machines, (config) => {
        const tables = acpiTables(config);
        const reserved = e820(config.ram, tables).filter(({ type }) => type === 2);
        const outside = tables.filter(
          (table) => !reserved.some(({ base, size }) => base <= table.address && end(table) <= base + size),
        );
        expect(outside).toEqual([]);
      }),
    );
  });

  test('each table with a header sums to zero and has its length', () => {
    fc.assert(
      fc.property(machines, (config) => {
        const headed = acpiTables(config).filter(({ name }) =>
          /^(FACP|SSDT|APIC|WAET|SRAT|DSDT|RSDT)$/.test(name),
        );
        const told = headed.map(({ bytes }) => [
          bytes.reduce((sum, byte) => sum + byte, 0) % 256,
          new DataView(bytes.buffer).getUint32(4, true),
        ]);
        expect(told).toEqual(headed.map(({ bytes }) => [0, bytes.length]));
      }),
    );
  });

  test('the memory map is in order, without a gap inside RAM', () => {
    fc.assert(
      fc.property(machines, (config) => {
        const map = e820(config.ram, acpiTables(config));
        const overlapping = map.slice(1).filter(({ base }, i) => base < map[i]!.base + map[i]!.size);
        const ram = map.filter(({ base }) => base < config.ram.below4G && base >= 0x10_0000);
        expect(overlapping).toEqual([]);
        expect(map.filter(({ size }) => size <= 0)).toEqual([]);
        expect(ram.reduce((sum, { size }) => sum + size, 0x10_0000)).toBe(config.ram.below4G);
      }),
    );
  });
});

test('a machine that tables cannot describe is misuse', () => {
  expect(() => acpiTables({ ...SEEN, vcpus: 0 })).toThrow(
    'tables.vcpus must be a number of processors from 1 to 64; got 0',
  );
});
