import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';

const MIB = 1 << 20;
const SECOND = 1_000_000_000;

test('memtest86+ maps 2 MiB pages by PAE, and tests memory', async () => {
  const machine = gceN1({ memory: { below4G: 32 * MIB } });
  const kernel = readFileSync('/boot/memtest86+ia32.bin');
  const host = await V86Host.create(machine, { kernel, append: 'console=ttyS0,115200 nosmp' });
  const [serial] = machine.serial;

  const end = await host.run({ until: () => serial!.text.includes('Address test'), limit: 20 * SECOND });
  const { where, crash } = host;
  await host.close();

  expect([end, crash, where.mode]).toEqual(['until', null, 'PAE']);
  expect(serial!.text).toMatch(/Memtest86\+[\s\S]*\[PAE\]/);
  // It looks for an SMBus controller at all eight functions of each device, whatever the header type of the first.
  expect([...new Set(machine.findings.map(({ clause }) => clause))]).toEqual(['pci/MULTI-FUNCTION']);
}, 600_000);

test('a Multiboot game by another author starts', async () => {
  const machine = gceN1({ memory: { below4G: 32 * MIB } });
  const host = await V86Host.create(machine, { kernel: readFileSync('/boot/invaders.exec') });

  const end = await host.run({ limit: SECOND / 10 });
  const { where, crash } = host;
  await host.close();

  expect([end, crash]).toEqual(['limit', null]);
  // Its code lies from 1 MiB on, and is less than 8 KiB.
  expect(where.eip).toBeGreaterThan(MIB);
  expect(where.eip).toBeLessThan(MIB + 8192);
  expect(machine.findings.map(({ clause }) => clause)).toEqual([]);
}, 600_000);
