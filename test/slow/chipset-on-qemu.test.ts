import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QemuPort } from '../../src/hosts/qemu/index.ts';
import { qemuPc } from '../../src/index.ts';
import { I8042, IOAPIC, PIC, PIT, type Question, RTC } from './chipset-questions.ts';
import { play } from './questions.ts';

const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const PARTS: Readonly<Record<string, readonly Question[]>> = { PIC, IOAPIC, PIT, RTC, I8042 };

/**
 * The same accesses to QEMU's parts, in the same order, from power-on. QEMU's time is real: what depends on it is
 * masked out of the questions. A declared difference must still be one.
 */
describe.skipIf(!present)('of QEMU and ours', () => {
  const { port } = qemuPc({ firmware: false });
  let qemu: QemuPort;

  beforeAll(() => {
    qemu = QemuPort.start({
      arguments: ['-machine', 'pc,usb=off,sata=off,vmport=off,graphics=off,hpet=off,smbus=off'],
      interrupts: false,
    });
  });

  afterAll(() => {
    qemu.close();
  });

  describe.each(Object.entries(PARTS))('the %s', (_part, questions) => {
    test.each(questions.filter(({ why }) => why === undefined))('answers alike: $about', ({ script }) => {
      expect(play(port, script)).toBe(play(qemu, script));
    });

    test.each(questions.filter(({ why }) => why !== undefined))('differs: $about, for $why', ({ script }) => {
      expect(play(port, script)).not.toBe(play(qemu, script));
    });
  });
});
