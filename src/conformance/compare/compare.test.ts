import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { bytesOf, type Capture, machineOf, optionsOf, readCapture } from './capture-file.ts';
import { compareCapture } from './compare.ts';
import { KNOWN } from './compared.ts';

const item = (data: Uint8Array | string, more: object = {}) => ({
  source: '',
  status: 'ok',
  encoding: 'hex',
  data: Buffer.from(data).toString('hex'),
  ...more,
});

const words = (...values: readonly number[]) => new Uint8Array(Uint32Array.from(values).buffer);

const captureOf = (items: Readonly<Record<string, object>>): Capture =>
  readCapture({ format: 'vm-capture', version: 1, items });

const outcomesOf = (items: Readonly<Record<string, object>>, options = {}) =>
  compareCapture(captureOf(items), gceN1(options)).map(({ name, outcome, said }) => [name, outcome, said]);

describe('a capture', () => {
  test('is compared without what a guest writes', () => {
    const adapter = gceN1().functions.find(({ bdf }) => bdf === 3 << 3)!;
    const config = Buffer.from(Array.from({ length: 256 }, (_, at) => adapter.readConfig(at, 1)));
    // Command, line, the address of a BAR, and MSI-X on.
    for (const [at, value] of [
      [0x04, 0x07],
      [0x3c, 5],
      [0x11, 0x10],
      [0x43, 0x80],
    ] as const)
      config[at] = value;

    expect(outcomesOf({ 'pci/0000:00:03.0/config': item(config) })).toEqual([
      ['pci/0000:00:03.0/config', 'equal', ''],
    ]);
  });

  test('counts what was masked as equal, and that alone', () => {
    const dmi = Buffer.from(gceN1().chassis.tables.find(({ name }) => name === 'DMI')!.bytes);
    dmi.fill(0, 40, 56);
    dmi[60]! ^= 1;

    const [[, outcome, said]] = outcomesOf({ 'smbios/DMI': item(dmi, { masked: [[40, 16]] }) }) as [
      [string, string, string],
    ];

    expect([outcome, said]).toEqual(['new', expect.stringMatching(/^at 3c: \w\w there, \w\w here$/)]);
    dmi[60]! ^= 1;
    expect(outcomesOf({ 'smbios/DMI': item(dmi, { masked: [[40, 16]] }) })[0]![1]).toBe('masked-equal');
  });

  test("puts a controller's commands to ours", () => {
    const config = Buffer.from(Array.from({ length: 4096 }, () => 0));
    const asked = { opcode: 6, nsid: 0xfffe, cdw10: 0, length: 4096 };

    const rows = outcomesOf(
      { 'nvme/nvme0/identify-00-fffe': item(config, asked), 'nvme/nvme1/identify-00-1': item(config, asked) },
      { nvme: [{}] },
    );

    expect(rows.map(([, outcome, said]) => [outcome, said])).toEqual([
      ['new', expect.stringMatching(/^status 0000 there, \w{4} here$/)],
      ['new', 'our machine has no such controller'],
    ]);
  });

  test.each<[string, object, string]>([
    ['pci/0000:00:1f.0/config', item(Buffer.alloc(64)), 'new'],
    ['pci/0000:00:03.0/config', { ...item(''), status: 'denied', data: undefined }, 'not compared'],
    ['cpuid/00000000/0', item(Buffer.alloc(16)), 'not compared'],
    ['cpuid/00000001/0', item(words(1, 2, 3, 4)), 'new'],
    ['cpuid/00000001/0', item(words(1, 2, 0x8000_0003, 4)), 'equal'],
    ['cpuid/40000000/0', item(words(0x4000_0001, 0x4b4d_564b, 0x564b_4d56, 0x4d)), 'equal'],
    ['cpuid/40000001/0', item(words(0x0100_0088, 0, 0, 0)), 'equal'],
    ['cpuid/40000001/0', item(words(0x0100_00fb, 0, 0, 0)), 'new'],
    ['cpuid/40000001/0', item(Buffer.alloc(3)), 'not compared'],
    ['cpuid/40000002/0', item(Buffer.alloc(16)), 'not compared'],
    ['msr/00000010', item(Buffer.alloc(8)), 'not compared'],
    ['msr/4b564d01', item(Buffer.alloc(8)), 'equal'],
    ['msr/4b564d01', { ...item(''), status: 'error', errno: 5, data: undefined }, 'new'],
    ['msr/4b564d01', { ...item(''), status: 'absent', errno: 2, data: undefined }, 'not compared'],
    ['msr/4b564d08', { ...item(''), status: 'error', errno: 5, data: undefined }, 'equal'],
    ['port/04d1', item(Buffer.of(0x0c)), 'equal'],
    ['port/04d1', item(Buffer.of(0x0e)), 'new'],
    ['port/b008', item(Buffer.of(0x0e)), 'not compared'],
    ['acpi/MCFG', item(Buffer.alloc(60)), 'new'],
    ['scsi/0:0:9:0/inquiry-36', item(Buffer.alloc(36), { cdb: '120000002400', length: 36 }), 'new'],
    ['what/ever', item(''), 'not compared'],
  ])('has its outcome for %s', (name, captured, outcome) => {
    expect(outcomesOf({ [name]: captured })[0]![1]).toBe(outcome);
  });

  test.each<[string, object]>([
    ['pci/0000:00:03.0/config', item(Buffer.from('f41a0410', 'hex'))],
    ['pci/0000:00:03.0/bar0/00', item(Buffer.alloc(3))],
    ['pci/0000:00:03.0/bar0/zz', item(Buffer.alloc(4))],
    ['port/fffffff', item(Buffer.alloc(1))],
    ['scsi/0:0:1:0/x', item(Buffer.alloc(1), { cdb: '120000002400', length: -5 })],
    ['scsi/0:0:9999999:0/x', item(Buffer.alloc(1), { cdb: '120000002400', length: 36 })],
  ])('that has a wrong %s is compared without it', (name, wrong) => {
    const items = { [name]: wrong, 'port/04d1': item(Buffer.of(0x0c)) };

    const outcomes = outcomesOf(items, optionsOf(captureOf(items))).map(([, outcome]) => outcome);

    expect(outcomes).toEqual(['not compared', 'equal']);
  });

  test('that has one byte of the selected queue is compared with the queue that is', () => {
    const rows = outcomesOf({
      'pci/0000:00:03.0/bar0/0c': item(Buffer.of(0, 0x20)),
      'pci/0000:00:03.0/bar0/0e': item(Buffer.alloc(1)),
    });

    expect(rows.map(([, outcome]) => outcome)).toEqual(['equal', 'not compared']);
  });

  test('with the switch of Compute Engine is of a C4', () => {
    const intel = Buffer.alloc(64);
    intel.writeUInt16LE(0x8086);
    const bridge = Buffer.alloc(64);
    bridge.writeUInt32LE(0x0f48_1ae0);

    const items = { 'pci/0000:00:00.0/config': item(intel), 'pci/0000:00:05.0/config': item(bridge) };

    expect(machineOf(captureOf(items))).toBe('gce-c4');
  });

  test.each<[unknown, string]>([
    [[], 'capture must be an object'],
    [{ format: 'pcap' }, 'capture.format must be vm-capture; got "pcap"'],
    [{ format: 'vm-capture', version: 2 }, 'capture.version must be 1; got 2'],
    [{ format: 'vm-capture', version: 1, items: { a: 1 } }, 'capture.items[a] must be an object'],
    [
      { format: 'vm-capture', version: 1, items: { a: item('', { data: 'x' }) } },
      'capture.items[a].data must be hex',
    ],
    [
      { format: 'vm-capture', version: 1, items: { a: item('', { length: '1' }) } },
      'capture.items[a].length must be a number',
    ],
  ])('that is %j is refused', (value, said) => {
    expect(() => readCapture(value)).toThrow(said);
  });

  test('has as many processors as its MADT enables', () => {
    const { bytes } = gceN1({ vcpus: 4 }).chassis.tables.find(({ name }) => name === 'APIC')!;

    expect(optionsOf(captureOf({ 'acpi/APIC': item(bytes) }))).toEqual({ vcpus: 4 });
    expect(bytesOf({ source: '', status: 'ok', encoding: 'base64', data: 'R29v' })!.toString()).toBe('Goo');
  });
});

test('each known difference stands in the page on fidelity', () => {
  const page = readFileSync('docs/fidelity.md', 'utf8');

  expect(KNOWN.filter(({ why }) => !page.includes(`| ${why} |`)).map(({ why }) => why)).toEqual([]);
});
