import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { SMBIOS_ENTRY_POINT, smbiosEntryPoint } from '../../src/acpi/smbios.ts';
import { gceN1 } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

const folder = workFolder();
let said = '';

beforeAll(() => {
  const { tables } = gceN1({ vcpus: 2 }).chassis;
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
  said = execFileSync('dmidecode', ['--from-dump', join(folder, 'dump')], { encoding: 'utf8' });
});

/** What dmidecode printed on Compute Engine in 2024, but for serial numbers, the UUID and the date, which was 2011 before. */
test.each([
  'SMBIOS 2.4 present.',
  '\tVendor: Google\n\tVersion: Google\n\tRelease Date: 01/01/2011\n\tAddress: 0xE8000',
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

test('dmidecode finds nothing broken', () => {
  expect(said).not.toMatch(/broken|invalid|wrong|bad|out of spec|truncated|<BAD INDEX>/i);
});

test('dmidecode finds both processors', () => {
  expect(said.match(/^Processor Information$/gm)).toHaveLength(2);
});
