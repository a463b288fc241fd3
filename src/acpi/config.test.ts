import { expect, test } from 'vitest';
import { checkConfig, type TablesConfig } from './config.ts';
import { SEEN } from './rig.ts';

test('the observed machine can be described', () => {
  expect(checkConfig(SEEN)).toBe(SEEN);
});

const COM = SEEN.serial[0]!;

/** One fault in each, where it is, and its value. */
const WRONG: readonly (readonly [path: string, got: string, config: Partial<TablesConfig>])[] = [
  ['ram.below4G', '4096', { ram: { below4G: 4096, above4G: 0 } }],
  ['ram.below4G', '3221229568', { ram: { below4G: 0xc000_1000, above4G: 0 } }],
  ['ram.below4G', '2097153', { ram: { below4G: 0x20_0001, above4G: 0 } }],
  ['ram.above4G', '-4096', { ram: { below4G: 0x20_0000, above4G: -4096 } }],
  ['ram.above4G', '5', { ram: { below4G: 0x20_0000, above4G: 5 } }],
  ['vcpus', '0', { vcpus: 0 }],
  ['vcpus', '65', { vcpus: 65 }],
  ['maxCpus', '1', { maxCpus: 1 }],
  ['maxCpus', '257', { maxCpus: 257 }],
  ['maxCpus', '2.5', { maxCpus: 2.5 }],
  ['vcpus', 'NaN', { vcpus: Number.NaN }],
  ['serial', '5', { serial: [COM, COM, COM, COM, COM] }],
  ['serial[1].port', '65529', { serial: [COM, { port: 0xfff9, irq: 3 }] }],
  ['serial[0].irq', '16', { serial: [{ port: 0x3f8, irq: 16 }] }],
  ['pci.io[0]', '{"first":9,"last":8}', { pci: { ...SEEN.pci, io: [{ first: 9, last: 8 }] } }],
  ['pci.io[0]', '{"first":0,"last":65535}', { pci: { ...SEEN.pci, io: [{ first: 0, last: 0xffff }] } }],
  [
    'pci.memory[0]',
    '{"first":0,"last":4294967296}',
    { pci: { ...SEEN.pci, memory: [{ first: 0, last: 2 ** 32 }] } },
  ],
  ['pci.links[2]', '16', { pci: { ...SEEN.pci, links: [10, 10, 16, 11] } }],
  ['pm.base', '0', { pm: { ...SEEN.pm, base: 0 } }],
  ['pm.base', '45057', { pm: { ...SEEN.pm, base: 0xb001 } }],
  ['pm.gpe0', '65533', { pm: { ...SEEN.pm, gpe0: 0xfffd } }],
  ['pm.smiCommand', '65536', { pm: { ...SEEN.pm, smiCommand: 0x1_0000 } }],
  ['pm.acpiEnable', '256', { pm: { ...SEEN.pm, acpiEnable: 0x100 } }],
  ['pm.acpiDisable', '-1', { pm: { ...SEEN.pm, acpiDisable: -1 } }],
  ['uuid', '"00"', { uuid: '00' }],
  ['uuid', '"00112233445566778899AABBCCDDEEFF"', { uuid: SEEN.uuid.toUpperCase() }],
];

test.each(WRONG)('tables.%s is misuse if it is %s', (path, got, wrong) => {
  expect(() => checkConfig({ ...SEEN, ...wrong })).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/ must be .*; got /), path: `tables.${path}` }),
  );
  expect(() => checkConfig({ ...SEEN, ...wrong })).toThrow(`; got ${got}`);
});
