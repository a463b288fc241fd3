import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { built } from './built.ts';
import { guestFile, RAM } from './guest.ts';

const SECOND = 1_000_000_000;
/** Linux compares its clock with another one twice a second; this long after it took the TSC, it has done so. */
const WATCHED = 2 * SECOND;

test.each(['baud', 'instant'] as const)(
  "Debian's kernel keeps the TSC as its clock while it prints: pace %s",
  async (pace) => {
    const machine = gceN1({ memory: { below4G: RAM }, serial: { pace } });
    const [serial] = machine.serial;
    const linux = {
      kernel: readFileSync(join(built('debian/kernel.sh'), 'vmlinux')),
      initrd: guestFile('initrd'),
      append: 'console=ttyS0,115200',
    };
    const host = await V86Host.create(machine, linux);

    await host.run({
      until: () => serial!.text.includes('Switched to clocksource tsc\r'),
      limit: 20 * SECOND,
    });
    await host.run({ limit: WATCHED });
    await host.close();

    expect(serial!.text).toContain('Switched to clocksource tsc\r');
    expect(serial!.text).not.toMatch(/unstable/i);
  },
  600_000,
);
