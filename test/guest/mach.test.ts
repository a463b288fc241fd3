import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { built } from './built.ts';

const SECOND = 1_000_000_000;
/** It searches for a SCSI adapter of each ISA kind, and waits for each. */
const LIMIT = 60 * SECOND;

/** Why each rule was broken. */
const BROKEN = {
  'uart/THR-FULL':
    'comcnputc of i386/i386at/com.c waits for THRE, sends CR by itself, and writes LF without waiting again: the FIFO is off, so CR is lost',
};

test('GNU Mach finds the PCI bus, the serial ports and the time, and asks for a system that it was not given', async () => {
  const machine = gceN1();
  const kernel = readFileSync(join(built('mach/fetch.sh'), 'gnumach'));
  const host = await V86Host.create(machine, { kernel, append: 'console=com0' });
  const [serial] = machine.serial;

  const end = await host.run({
    until: () => serial!.text.includes('No bootstrap code loaded with the kernel!'),
    limit: LIMIT,
  });
  const { crash } = host;
  await host.close();

  expect([end, crash]).toEqual(['until', null]);
  expect(serial!.text).toMatch(/^GNU Mach 1\.8/);
  expect(serial!.text).toContain('Probing PCI hardware.');
  expect(serial!.text).toContain('RTC time is 2020-01-01 ');
  expect([...new Set(machine.findings.map(({ clause }) => clause))]).toEqual(Object.keys(BROKEN));
}, 600_000);
