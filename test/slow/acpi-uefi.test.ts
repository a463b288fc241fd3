import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { gceN1 } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

/** The tables of a machine with a UEFI before ACPICA. */
const folder = workFolder();
const file = (name: string) => join(folder, name);
const run = (program: string, ...args: string[]) => {
  const { stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return stdout + stderr;
};

const NAMES = ['FACP', 'DSDT', 'SSDT', 'Tpm2Tabl', 'APIC', 'WAET', 'SRAT', 'RSDT', 'XSDT', 'FACS'] as const;
const COMPLAINT = /\b(error|warning|remark|invalid|could not|not recognized|checksum)\b.*/gi;

beforeAll(() => {
  const { tables } = gceN1({
    firmware: 'uefi',
    vcpus: 2,
    memory: { below4G: 64 << 20, above4G: 16 << 20 },
  }).chassis;
  for (const { name, bytes } of tables) writeFileSync(file(`${name}.dat`), bytes);
});

test.each(NAMES)('%s is disassembled without a complaint', (name) => {
  const said = run('iasl', '-d', `${name}.dat`);

  // In this place iasl says what revision 1 means, and elsewhere what it does not understand.
  const text = readFileSync(file(`${name}.dsl`), 'utf8').replace('0x01 **** 32-bit table', '');
  expect(said.match(COMPLAINT)).toBeNull();
  expect(text.match(/.*(\*{4}|Invalid|Unknown).*/g)).toBeNull();
});

// Why not FADT is told beside its like.
test.each(NAMES.filter((name) => name !== 'FACP'))('%s compiles again without an error', (name) => {
  run('iasl', '-d', `${name}.dat`);

  const said = run('iasl', '-oa', '-tc', '-p', `again-${name}`, `${name}.dsl`);

  expect(said).toMatch(/Compilation successful\. 0 Errors/);
});

test('TPM2 ends where iasl looks for a log area, as one of 34h bytes must', () => {
  run('iasl', '-d', 'TPM2.dat');

  const text = readFileSync(file('TPM2.dsl'), 'utf8');
  expect(text).toMatch(
    /Start Method : 06 \[Memory Mapped I\/O\]\n\n\/\*\*\*\* ACPI table terminates in the middle/,
  );
});

describe('the interpreter', () => {
  const acpiexec = (...commands: string[]) =>
    run('acpiexec', '-b', commands.join(';'), 'DSDT.dat', 'SSDT.dat', 'Tpm2Tabl.dat');

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
