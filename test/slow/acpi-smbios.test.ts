import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Placement } from '../../src/acpi/placement.ts';
import { SEEN } from '../../src/acpi/rig.ts';
import { SMBIOS_ENTRY_POINT, smbiosEntryPoint } from '../../src/acpi/smbios.ts';
import { uefiTables } from '../../src/acpi/uefi-tables.ts';
import { gceN1 } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

const folder = workFolder();
const GIB = 2 ** 30;

/** dmidecode's output for a machine's structures. */
function dmidecode(tables: readonly Placement[]): string {
  const [entry, structures] = ['_SM_', 'DMI'].map(
    (name) => tables.find((table) => table.name === name)!.bytes,
  );
  const { Number_of_Structures, Maximum_Structure_Size } = SMBIOS_ENTRY_POINT.decode(entry!);
  // A dump of dmidecode's has the structures at 20h, and an entry point that says so.
  const table = { bytes: structures!, count: Number_of_Structures, largest: Maximum_Structure_Size };
  const dump = new Uint8Array(0x20 + structures!.length);
  dump.set(smbiosEntryPoint(table, 0x20));
  dump.set(structures!, 0x20);
  writeFileSync(join(folder, 'dump'), dump);
  return execFileSync('dmidecode', ['--from-dump', join(folder, 'dump')], { encoding: 'utf8' });
}

describe('the machine of July 2023', () => {
  // More RAM than a process here can have, so the tables are made without a machine.
  const tables = uefiTables({
    ...SEEN,
    ram: { below4G: 3 * GIB, above4G: 13 * GIB },
    vcpus: 4,
    maxCpus: 4,
    released: '07/12/2023',
    uuid: '8ebfb6fce14327f972567743e80e23de',
  });

  test('has its structures where dmidecode found them', () => {
    expect(tables.find(({ name }) => name === 'DMI')!.address).toBe(0xbf9c_9000);
  });

  test("has dmidecode's output of that machine, except for the address, which it does not print with a dump", () => {
    const file = readFileSync(new URL('dmidecode-2023-07.txt', import.meta.url), 'utf8');
    const there = file.slice(file.indexOf('SMBIOS 2.4')).replace('Table at 0xBF9C9000.\n', '');
    const here = dmidecode(tables);

    expect(here.slice(here.indexOf('SMBIOS 2.4')).trimEnd()).toBe(there.trimEnd());
  });
});

let said = '';

beforeAll(() => {
  said = dmidecode(gceN1({ firmware: 'uefi', vcpus: 2, firmwareDate: '01/25/2024' }).chassis.tables);
});

/** dmidecode's output on Compute Engine in 2024, except for serial numbers and the UUID. */
test.each([
  'SMBIOS 2.4 present.',
  '\tVendor: Google\n\tVersion: Google\n\tRelease Date: 01/25/2024\n\tAddress: 0xE8000',
  '\tRuntime Size: 96 kB\n\tROM Size: 64 kB',
  '\t\tBIOS characteristics not supported\n\t\tTargeted content distribution is supported',
  '\tBIOS Revision: 1.0',
  'System Information\n\tManufacturer: Google\n\tProduct Name: Google Compute Engine\n\tVersion: Not Specified',
  '\tSerial Number: GoogleCloud-00000000000000000000000000000001',
  '\tUUID: 00000000-0000-0000-0000-000000000001\n\tWake-up Type: Power Switch',
  'Base Board Information\n\tManufacturer: Google\n\tProduct Name: Google Compute Engine',
  '\tSerial Number: Board-GoogleCloud-00000000000000000000000000000001',
  '\tAsset Tag: 00000000-0000-0000-0000-000000000001',
  '\t\tBoard is a hosting board',
  '\tType: Motherboard',
  'Chassis Information\n\tManufacturer: Google\n\tType: Other',
  '\tBoot-up State: Safe\n\tPower Supply State: Safe\n\tThermal State: Safe',
  '\tFamily: Other\n\tManufacturer: Google',
  '\tMax Speed: 2000 MHz\n\tCurrent Speed: 2000 MHz',
  'System Boot Information\n\tStatus: No errors detected',
])('dmidecode prints %j', (lines) => {
  expect(said).toContain(lines);
});

test.each([
  ['a BIOS', {}],
  ['a BIOS, and room for 256', { maxCpus: 256 }],
  ['a UEFI', { firmware: 'uefi' as const }],
])('dmidecode finds nothing broken after %s', (_what, options) => {
  expect(dmidecode(gceN1(options).chassis.tables)).not.toMatch(
    /broken|invalid|wrong|bad|out of spec|truncated|<BAD INDEX>/i,
  );
});

test('dmidecode finds both processors', () => {
  expect(said.match(/^Processor Information$/gm)).toHaveLength(2);
});

test('the BIOS of 2024 has a serial number of the board', () => {
  const bios = dmidecode(gceN1({ firmware: { build: 2024 } }).chassis.tables);

  expect(bios).toContain('Serial Number: Board-GoogleCloud-00000000000000000000000000000001');
});

test('the BIOS of 2018 has another date, and no serial number of the board', () => {
  const bios = dmidecode(gceN1().chassis.tables);

  expect(bios).toContain('Release Date: 01/01/2011');
  expect(bios).not.toContain('Board-GoogleCloud');
});
