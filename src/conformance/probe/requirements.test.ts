import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import { qemuPc } from '../../machine/qemu-pc.ts';
import { FRAME } from '../reference.ts';
import { probeMachine } from './probe.ts';

/** The smallest probe. */
const SMALL = { disks: [{ bytes: 512 }], nics: [] };

function serialOf(machine: Machine) {
  const { requirements } = probeMachine(machine, { text: 'hello', frames: [] });
  return requirements.find(({ clause }) => clause === 'gce/SERIAL');
}

test("the serial ports pass on Compute Engine's lines", () => {
  expect(serialOf(gceN1(SMALL))).toMatchObject({ outcome: 'pass' });
});

test.each([
  ['on a QEMU machine', qemuPc(SMALL), 'IRQ 4, 3, 4, 3, as this qemu-pc has them'],
  [
    'where an option moved them',
    gceN1({ ...SMALL, serial: { irqs: [4, 3, 4, 3] } }),
    'IRQ 4, 3, 4, 3, as this gce-n1 has them',
  ],
])('other lines, found as they are, are waived %s', (_where, machine, said) => {
  expect(serialOf(machine)).toMatchObject({ outcome: 'waived', said });
});

test('a line that fails is a finding; one that is waived or was not reached is not', () => {
  // A wire without a peer sends nothing back; the ports are on other lines, which is waived.
  const machine = qemuPc({ disks: [], nics: [{ backend: 'none' }] });

  probeMachine(machine, { text: 'hello', frames: [FRAME] });

  expect(machine.findings.map(({ clause, subject, said }) => [clause, subject, said])).toEqual([
    ['gce/NET-TRAFFIC', 'qemu-pc', '1 frame out, 0 back'],
  ]);
});
