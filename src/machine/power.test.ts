import { expect, test } from 'vitest';
import { gceN1 } from './gce-n1.ts';

const [PMSTS, PMEN, PMCNTRL] = [0xb000, 0xb002, 0xb004];

test('a machine reports sleep, wake and SMI', () => {
  const machine = gceN1();
  const { port } = machine;
  const told: string[] = [];
  machine.events.on('sleep', (type) => told.push(`sleep ${type}`));
  machine.events.on('wake', () => told.push('wake'));
  machine.events.on('smi', (command) => told.push(`smi ${command}`));

  port.out(PMEN, 0x200, 2);
  port.out(PMCNTRL, 0x2401, 2);
  machine.pressPowerButton();
  machine.pressSleepButton();
  port.out(0xcf8, 0x8000_0b58, 4);
  port.out(0xcff, 0x02, 1);
  port.out(0xb028, 0x01, 1);
  port.out(0xb2, 0x42, 1);
  port.out(PMCNTRL, 0x2001, 2);

  expect(told).toEqual(['sleep 1', 'wake', 'smi 66', 'sleep 0']);
});

test("the clock's alarm is an event that wakes", () => {
  const machine = gceN1();
  const { port } = machine;
  let woken = 0;
  machine.events.on('wake', () => woken++);
  // An alarm each second.
  for (const [index, value] of [
    [0x01, 0xc0],
    [0x03, 0xc0],
    [0x05, 0xc0],
    [0x0b, 0x22],
  ] as const) {
    port.out(0x70, index, 1);
    port.out(0x71, value, 1);
  }
  port.out(PMEN, 0x400, 2);
  port.out(PMCNTRL, 0x2401, 2);

  port.wait(() => woken > 0, 2_000_000_000);

  expect([woken, port.in(PMSTS, 2) & 0x8500]).toEqual([1, 0x8400]);
});

test('a general purpose event that is enabled raises no interrupt without SCI_EN, which is found', () => {
  const [GPEN, USB] = [0xafe2, 0x100];
  const machine = gceN1();
  machine.port.out(PMCNTRL, 0, 2);
  machine.port.out(GPEN, USB, 2);

  machine.chassis.acpi.raiseGeneralEvent('USB');

  expect(machine.findings.map(({ clause }) => clause)).toEqual(['acpi/SCI-EN']);
});

test.each([
  ['alone is found', [0x604], ['acpi/PLACE']],
  ['before those of this one is not', [0x604, PMCNTRL], []],
  ['behind those of this one is not', [PMCNTRL, 0x604], []],
] as const)('a soft-off at the port of another machine %s', (_where, ports, found) => {
  const machine = gceN1();

  for (const at of ports) machine.port.out(at, 0x2000, 2);
  machine.journal.end();

  expect(machine.findings.map(({ clause }) => clause)).toEqual(found);
});
