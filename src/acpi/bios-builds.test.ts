import { describe, expect, test } from 'vitest';
import type { TablesConfig } from './config.ts';
import { SEEN } from './rig.ts';
import { acpiTables, e820 } from './tables.ts';

const GIB = 2 ** 30;
/** The machine of a kernel of August 2024: two processors, 8 GiB. */
const LATER: TablesConfig = { ...SEEN, ram: { below4G: 3 * GIB, above4G: 5 * GIB }, build: 2024 };
const tablesOf = (config: TablesConfig) => new Map(acpiTables(config).map((one) => [one.name, one]));
const revisionOf = (config: TablesConfig, name: string) => tablesOf(config).get(name)!.bytes[8];

describe('the tables of the build of 2024', () => {
  test('have the addresses and lengths that a kernel printed', () => {
    const found = acpiTables(LATER).map(({ name, address, bytes }) => [name, [address, bytes.length]]);

    expect(Object.fromEntries(found)).toMatchObject({
      RSDP: [0x000f_27d0, 0x14],
      RSDT: [0xbfff_ffa0, 0x38],
      FACP: [0xbfff_f330, 0xf4],
      DSDT: [0xbfff_d8c0, 0x1a64],
      FACS: [0xbfff_d880, 0x40],
      SRAT: [0xbfff_fe60, 0xc8],
      APIC: [0xbfff_fdb0, 0x76],
      SSDT: [0xbfff_f430, 0x980],
      WAET: [0xbfff_fe30, 0x28],
      _MP_: [0x000f_2a50, 0x10],
    });
  });

  // Of 11/17/2023, 02/29/2024 and 2020: RSDP and MP pointer are 280h apart.
  test.each([0xf_2b30, 0xf_2a80, 0xf_25a0])('follow an MP pointer at %i', (mpPointer) => {
    const found = tablesOf({ ...LATER, mpPointer });

    expect([found.get('_MP_')!.address, found.get('RSDP')!.address]).toEqual([mpPointer, mpPointer - 0x280]);
  });

  test('have their FACS 2780h below the end of RAM, as a machine with 1 GiB has it', () => {
    const small = { ...LATER, ram: { below4G: GIB, above4G: 0 } };

    expect(tablesOf(small).get('FACS')!.address).toBe(GIB - 0x2780);
  });

  test('have the printed revisions', () => {
    expect(['FACP', 'DSDT', 'SRAT', 'APIC', 'SSDT', 'WAET'].map((name) => revisionOf(LATER, name))).toEqual([
      2, 1, 3, 5, 1, 1,
    ]);
  });

  test('are named by RSDT and FADT', () => {
    const tables = tablesOf(LATER);
    const { bytes } = tables.get('RSDT')!;
    const pointers = [...new Uint32Array(bytes.slice(36).buffer)];
    const facp = new DataView(tables.get('FACP')!.bytes.slice().buffer);

    expect(pointers).toEqual(
      ['FACP', 'SRAT', 'APIC', 'SSDT', 'WAET'].map((name) => tables.get(name)!.address),
    );
    expect([facp.getUint32(36, true), facp.getUint32(40, true)]).toEqual(
      ['FACS', 'DSDT'].map((name) => tables.get(name)!.address),
    );
  });

  test('are reserved in the memory map, as it printed it', () => {
    const reserved = e820(LATER.ram, acpiTables(LATER))
      .filter(({ type }) => type === 2)
      .map(({ base }) => base);

    expect(reserved).toContain(0xbfff_d000);
  });

  test.each([
    [1, 1],
    [4, 4],
    [4, 256],
    [64, 64],
  ])('do not overlap with %i processors and room for %i', (vcpus, maxCpus) => {
    const high = acpiTables({ ...LATER, vcpus, maxCpus }).sort((a, b) => a.address - b.address);
    const over = high.filter(
      ({ address, bytes }, i) => address + bytes.length > (high[i + 1]?.address ?? Infinity),
    );

    expect(over.map(({ name }) => name)).toEqual([]);
  });

  test('sum to zero', () => {
    const wrong = acpiTables(LATER)
      .filter(({ name }) => /^(FACP|SSDT|APIC|WAET|SRAT|DSDT|RSDT|RSDP)$/.test(name))
      .filter(({ bytes }) => bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0) !== 0);

    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
