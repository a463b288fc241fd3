import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { gceN1 } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

/** Our tables before ACPICA, the code that Linux, FreeBSD and NetBSD read tables with (Debian's acpica-tools). */
const folder = workFolder();
const file = (name: string) => join(folder, name);
const run = (program: string, ...args: string[]) => {
  const { stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
};

const NAMES = ['FACP', 'DSDT', 'SSDT', 'APIC', 'WAET', 'SRAT', 'RSDT', 'FACS'] as const;
/** iasl's words for what it found wrong, in a table or in a source. */
const COMPLAINT = /\b(error|warning|remark|invalid|could not|not recognized|checksum)\b.*/gi;

beforeAll(() => {
  // More processors than one, and RAM on both sides of the hole, so that every entry has its like.
  const { tables } = gceN1({ vcpus: 2, memory: { below4G: 64 << 20, above4G: 16 << 20 } }).chassis;
  for (const { name, bytes } of tables) writeFileSync(file(`${name}.dat`), bytes);
});

/** What iasl says as it disassembles a table and compiles that again, without optimizing. */
function compiled(name: string): string {
  run('iasl', '-d', `${name}.dat`);
  return run('iasl', '-oa', '-tc', '-p', `again-${name}`, `${name}.dsl`);
}

/** Without the comment at its head, which names files and the compiler. */
const sourceOf = (name: string) => readFileSync(file(`${name}.dsl`), 'utf8').replace(/^ \*.*\n/gm, '');

describe.each(NAMES)('%s', (name) => {
  test('is disassembled without a complaint', () => {
    const said = run('iasl', '-d', `${name}.dat`);
    // In this place iasl says what revision 1 means, and elsewhere what it does not understand.
    const text = readFileSync(file(`${name}.dsl`), 'utf8').replace('0x01 **** 32-bit table', '');
    expect(said.match(COMPLAINT)).toBeNull();
    expect(text.match(/.*(\*{4}|Invalid|Unknown).*/g)).toBeNull();
  });
});

/**
 * FADT is not among them: iasl writes the fields of an F4h byte table and then refuses them in source that says
 * revision 2, for which it wants 84h bytes. Compute Engine's table has both.
 */
describe.each(NAMES.filter((name) => name !== 'FACP'))('%s, compiled from its own disassembly', (name) => {
  /** Processor() is what ACPI 2 has; Device() came later. One a processor. */
  const accepted = name === 'SSDT' ? ['Warning  3168', 'Warning  3168'] : [];

  test('draws no complaint but those that are accepted', () => {
    const said = compiled(name);
    expect(said).toMatch(/Compilation successful\. 0 Errors/);
    expect(said.match(/^(Error|Warning|Remark) +\d+/gm) ?? []).toEqual(accepted);
  });
});

describe('compiled from its own disassembly', () => {
  // The compiler writes itself into the header.
  const body = (path: string) => readFileSync(file(path)).subarray(0x24).toString('hex');

  test.each(['SSDT', 'APIC', 'WAET', 'SRAT', 'RSDT', 'FACS'])('%s has the same bytes', (name) => {
    compiled(name);
    expect(body(`again-${name}.aml`)).toBe(body(`${name}.dat`));
  });

  test('DSDT says the same; the compiler leaves out checksums of resources and encodes a name shorter', () => {
    compiled('DSDT');
    run('iasl', '-d', 'again-DSDT.aml');
    expect(sourceOf('again-DSDT')).toBe(sourceOf('DSDT'));
  });
});

test('acpidump and acpixtract list what Linux listed on Compute Engine', () => {
  const dump = NAMES.map((name) =>
    execFileSync('acpidump', ['-f', file(`${name}.dat`)], { encoding: 'utf8' }),
  );
  writeFileSync(file('dump.txt'), dump.join(''));
  const listed = [...run('acpixtract', '-l', 'dump.txt').matchAll(/^ \d+\) +(.*\S)/gm)].map(
    ([, row]) => row!,
  );
  expect(listed.map((row) => row.replace(/ +/g, ' '))).toEqual([
    'FACP 0x000000F4 0x02 "Google" "GOOGFACP" 0x00000001 "GOOG" 0x00000001',
    'DSDT 0x000017B2 0x01 "Google" "GOOGDSDT" 0x00000001 "GOOG" 0x00000001',
    'SSDT 0x00000930 0x01 "Google" "GOOGSSDT" 0x00000001 "GOOG" 0x00000001',
    'APIC 0x00000076 0x01 "Google" "GOOGAPIC" 0x00000001 "GOOG" 0x00000001',
    'WAET 0x00000028 0x01 "Google" "GOOGWAET" 0x00000001 "GOOG" 0x00000001',
    'SRAT 0x000000C8 0x01 "Google" "GOOGSRAT" 0x00000001 "GOOG" 0x00000001',
    'RSDT 0x00000038 0x01 "Google" "GOOGRSDT" 0x00000001 "GOOG" 0x00000001',
    'FACS 0x00000040 0x00',
  ]);
});
