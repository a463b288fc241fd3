import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { gceN1 } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

/** Our methods under ACPICA's interpreter, acpiexec, which answers registers with memory that starts as zeros. */
const folder = workFolder();

beforeAll(() => {
  for (const { name, bytes } of gceN1({ vcpus: 2 }).chassis.tables)
    writeFileSync(join(folder, `${name}.aml`), bytes);
});

function acpiexec(...commands: string[]): string {
  const args = ['-b', commands.join(';'), 'DSDT.aml', 'SSDT.aml'];
  const { stdout, stderr, status } = spawnSync('acpiexec', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return `${stdout}${stderr}status ${status}`;
}

const integers = (said: string) =>
  [...said.matchAll(/\[Integer\] = ([0-9A-F]{16})/g)].map(([, n]) => Number(`0x${n}`));
const buffers = (said: string) =>
  [...said.matchAll(/\[Buffer\] Length 0B = +0000: ((?:[0-9A-F]{2} )+)/g)].map(([, bytes]) => bytes!.trim());

describe('the interpreter', () => {
  test('takes both tables without a complaint', () => {
    const said = acpiexec('tables');
    expect(said).toContain('2 ACPI AML tables successfully acquired and loaded');
    expect(said).not.toMatch(/ACPI (BIOS )?(Error|Warning|Exception)|AE_/);
    expect(said).toMatch(/status 0$/);
  });

  test('finds the devices that Linux listed, in its order', () => {
    const said = acpiexec('find _HID');
    const found = [...said.matchAll(/\\_SB\.(?:PCI0\.ISA\.)?(\w+)\._HID/g)].map(([, device]) => device);
    expect(found).toEqual([
      'PCI0',
      'RTC',
      'KBD',
      'MOU',
      'COM1',
      'COM2',
      'COM3',
      'COM4',
      'LNKA',
      'LNKB',
      'LNKC',
      'LNKD',
      'LNKS',
    ]);
  });

  test('finds the numbers of slots: 1 of the ISA bridge, 3 and 4 of the devices that lspci listed', () => {
    const said = acpiexec(...['ISA', 'S03', 'S04'].map((at) => `evaluate \\_SB.PCI0.${at}._SUN`));
    expect(integers(said)).toEqual([1, 3, 4]);
  });

  test('finds a method for each of sixteen events', () => {
    const said = acpiexec('find _L??');
    expect(said.match(/\\_GPE\._L0[0-9A-F] Method/g)).toHaveLength(16);
  });

  test('finds how to sleep: SUS_TYP 1, 2 and 0', () => {
    const said = acpiexec('evaluate \\_S3', 'evaluate \\_S4', 'evaluate \\_S5');
    expect(integers(said)).toEqual([1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0]);
  });
});

describe("the root bridge's windows", () => {
  test('are those that Linux printed', () => {
    const said = acpiexec('resources \\_SB.PCI0');
    const ranges = [...said.matchAll(/Address Minimum : (\w+)\n +Address Maximum : (\w+)/g)].map(
      ([, a, b]) => [a, b],
    );
    expect(ranges).toEqual([
      ['0000', '00FF'],
      ['0CF8', '0CF8'],
      ['0000', '0CF7'],
      ['0D00', 'FFFF'],
      ['000A0000', '000BFFFF'],
      ['C0000000', 'FEBFFFFF'],
    ]);
  });
});

describe('a link', () => {
  const current = 'evaluate \\_SB.LNKC._CRS';
  const status = 'evaluate \\_SB.LNKC._STA';

  test('can have IRQ 5, 10 or 11, level-triggered and active high', () => {
    expect(acpiexec('evaluate \\_SB.LNKC._PRS')).toContain('89 0E 00 09 03 05 00 00 00 0A 00 00 00 0B 00 00');
  });

  test('is enabled by _SRS, and then has the IRQ that it was given', () => {
    const set = 'evaluate \\_SB.LNKC._SRS (89 06 00 09 01 0B 00 00 00 79 00)';
    const said = acpiexec('evaluate \\_SB.LNKC._DIS', status, set, status, current);
    expect(integers(said)).toEqual([0x09, 0x0b]);
    expect(buffers(said).map((bytes) => bytes.slice(0, 26))).toEqual(['89 06 00 09 01 0B 00 00 00']);
  });

  test('has no IRQ while it is disabled', () => {
    const set = 'evaluate \\_SB.LNKC._SRS (89 06 00 09 01 0A 00 00 00 79 00)';
    const said = acpiexec(set, 'evaluate \\_SB.LNKC._DIS', current);
    expect(buffers(said).map((bytes) => bytes.slice(0, 26))).toEqual(['89 06 00 09 01 00 00 00 00']);
  });
});
