import { beforeAll, describe, expect, test } from 'vitest';
import { gceN1, gceT2A } from '../../src/index.ts';
import { Acpica } from './acpica.ts';

/** Runs ACPICA on the tables of a machine with a UEFI. */
const acpica = new Acpica();

const NAMES = ['FACP', 'DSDT', 'SSDT', 'Tpm2Tabl', 'APIC', 'WAET', 'SRAT', 'RSDT', 'XSDT', 'FACS'] as const;

beforeAll(() => {
  const memory = { below4G: 64 << 20, above4G: 16 << 20 };
  acpica.write(gceN1({ firmware: 'uefi', vcpus: 2, memory }));
});

test.each(NAMES)('%s is disassembled without a complaint', (name) => {
  expect(acpica.disassemble(name)).toEqual([]);
});

// The reason for FADT's absence is in the test of the BIOS's tables.
test.each(NAMES.filter((name) => name !== 'FACP'))('%s compiles again without an error', (name) => {
  expect(acpica.compileAgain(name)).toMatch(/Compilation successful\. 0 Errors/);
});

test('TPM2 ends where iasl looks for a log area, as one of 34h bytes must', () => {
  acpica.disassemble('TPM2');

  expect(acpica.text('TPM2.dsl')).toMatch(
    /Start Method : 06 \[Memory Mapped I\/O\]\n\n\/\*\*\*\* ACPI table terminates in the middle/,
  );
});

describe('the interpreter', () => {
  const acpiexec = (...commands: string[]) =>
    acpica.run('acpiexec', '-b', commands.join(';'), 'DSDT.dat', 'SSDT.dat', 'Tpm2Tabl.dat');

  test('takes all three tables without a complaint', () => {
    const said = acpiexec('tables');

    expect(said).toContain('3 ACPI AML tables successfully acquired and loaded');
    expect(said).not.toMatch(/ACPI (BIOS )?(Error|Warning|Exception)|AE_/);
  });

  test('finds a TPM that is absent', () => {
    expect(acpiexec('evaluate \\_SB.TPM._STA')).toContain('[Integer] = 0000000000000000');
  });

  test('finds the window that Linux printed', () => {
    const said = acpiexec('resources \\_SB.PCI0');

    expect(said).toMatch(/Address Minimum : 80000000\n +Address Maximum : FEBFEFFF/);
  });
});

describe('the tables of a machine with PCI Express', () => {
  const express = new Acpica();
  const tables = ['FACP', 'DSDT', 'SPCR', 'MCFG', 'RSDT', 'XSDT'] as const;

  beforeAll(() => express.write(gceT2A()));

  test.each(tables)('%s is disassembled without a complaint', (name) => {
    expect(express.disassemble(name)).toEqual([]);
  });

  // The reason for FADT's absence is in the test of the BIOS's tables.
  test.each(tables.filter((name) => name !== 'FACP'))('%s compiles again without an error', (name) => {
    expect(express.compileAgain(name)).toMatch(/Compilation successful\. 0 Errors/);
  });

  test('DSDT has the UARTs, the links and the windows that Linux printed', () => {
    const said = express.run(
      'acpiexec',
      '-b',
      'resources \\_SB.COM3;resources \\_SB.GSI3;resources \\_SB.PCI0',
      'DSDT.dat',
    );

    expect(said).toMatch(/Address : 09003000\n +Address Length : 00001000/);
    expect(said).toMatch(/Interrupt Count : 01\n +Dword00 : 00000026/);
    expect(said).toMatch(/Address Minimum : 10000000\n +Address Maximum : 3EFEFFFF/);
    expect(said).toMatch(/Address Maximum : 0000FFFF\n +Translation Offset : 3EFF0000/);
    expect(said).toMatch(/Address Minimum : 0000008000000000\n +Address Maximum : 000000FFFFFFFFFF/);
  });

  test('SPCR names the first UART, a PL011, and its interrupt', () => {
    express.disassemble('SPCR');

    expect(express.text('SPCR.dsl')).toMatch(/Interface Type : 03/);
    expect(express.text('SPCR.dsl')).toMatch(/Address : 0000000009000000/);
    expect(express.text('SPCR.dsl')).toMatch(/Interrupt : 00000021/);
  });

  test('MCFG has the ECAM that Linux printed', () => {
    express.disassemble('MCFG');

    expect(express.text('MCFG.dsl')).toMatch(
      /Base Address : 000000003F000000\n.*Segment Group Number : 0000\n.*Start Bus Number : 00\n.*End Bus Number : 0F/,
    );
  });
});
