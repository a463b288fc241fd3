import { describe, expect, test } from 'vitest';
import { gceN1 } from './gce-n1.ts';
import type { Machine } from './machine.ts';

const SECOND = 1_000_000_000;
const [MASTER, SLAVE, LOCAL_APIC, IO_APIC] = [0x20, 0xa0, 0xfee0_0000, 0xfec0_0000];
const COM1 = 0x3f8;
const UNHEARD = 'live/UNHEARD';

/** Both 8259As with vectors 20h to 2fh, and this mask of the master; a character waits at COM1, whose IRQ 4 is up. */
function setUp(mask: number): Machine {
  const machine = gceN1();
  const { port } = machine;
  for (const byte of [0x20, 0x04, 0x01, mask]) {
    if (byte === 0x20) port.out(MASTER, 0x11, 1);
    port.out(MASTER + 1, byte, 1);
  }
  for (const byte of [0x28, 0x02, 0x01, 0xff]) {
    if (byte === 0x28) port.out(SLAVE, 0x11, 1);
    port.out(SLAVE + 1, byte, 1);
  }
  port.out(COM1 + 4, 0x0b, 1);
  port.out(COM1 + 1, 0x01, 1);
  machine.serial[0]!.type('x');
  return machine;
}

/** The driver reads the character, and ends the interrupt. */
function serve({ port }: Machine): () => void {
  return () => {
    port.in(COM1 + 5, 1);
    port.in(COM1, 1);
    port.out(MASTER, 0x20, 1);
  };
}

/** So does the local APIC's timer, once interrupts are on. */
function ticksByApic({ port }: Machine): void {
  port.handle(0x40, () => port.write(LOCAL_APIC + 0xb0, 0, 4));
  port.write(LOCAL_APIC + 0xf0, 0x1ff, 4);
  port.write(LOCAL_APIC + 0x320, 0x2_0040, 4);
  port.write(LOCAL_APIC + 0x380, 1_000_000, 4);
}

/** What is told of interrupts at the end, if the driver waits for so long. */
function told(machine: Machine, time = SECOND): string[] {
  machine.port.wait(() => false, time);
  machine.journal.end();
  return machine.journal.of(UNHEARD).map(({ said }) => said.replace('its handler was never called: ', ''));
}

const [OPEN, MASKED, MASKED_BUT_TIMER] = [0xef, 0xff, 0xfe];

/** The timer interrupts a hundred times a second. */
function ticks({ port }: Machine): void {
  port.handle(0x20, () => port.out(MASTER, 0x20, 1));
  for (const [at, byte] of [
    [0x43, 0x34],
    [0x40, 0x9c],
    [0x40, 0x2e],
  ] as const)
    port.out(at, byte, 1);
  port.unmask();
}

describe('a driver with a handler for IRQ 4', () => {
  test('is told that it left the line masked', () => {
    const machine = setUp(MASKED);
    machine.port.handle(0x24, serve(machine));
    machine.port.unmask();

    expect(told(machine)).toEqual([
      'IRQ 4 is requested, and masked at pic master and at pin 4 of the IOAPIC',
    ]);
  });

  test('is told that it left interrupts off', () => {
    const machine = setUp(OPEN);
    machine.port.handle(0x24, serve(machine));

    expect(told(machine)).toEqual([
      "IRQ 4 is requested and open, and the processor's interrupt flag was never set",
    ]);
  });

  test('is told that LINT0 does not pass the interrupts of the 8259As', () => {
    const machine = setUp(OPEN);
    machine.port.write(LOCAL_APIC + 0x350, 0x1_0000, 4);
    machine.port.handle(0x24, serve(machine));
    machine.port.unmask();

    expect(told(machine)).toEqual([
      'IRQ 4 comes by the 8259A pair, and LINT0 of the local APIC is masked or no ExtINT',
    ]);
  });

  test('is told that the entry of the pin is masked', () => {
    const machine = setUp(MASKED);
    machine.port.write(IO_APIC, 0x18, 4);
    machine.port.write(IO_APIC + 0x10, 0x1_0044, 4);
    machine.port.handle(0x44, serve(machine));
    machine.port.unmask();

    expect(told(machine)).toEqual(['IRQ 4 is requested, and the entry 00010044 of pin 4 has MASK set']);
  });

  test('is told that it left the line masked, though the timer ticks meanwhile', () => {
    const machine = setUp(MASKED_BUT_TIMER);
    machine.port.handle(0x24, serve(machine));
    ticks(machine);

    expect(told(machine)).toEqual([
      'IRQ 4 is requested, and masked at pic master and at pin 4 of the IOAPIC',
    ]);
  });

  test('breaks nothing if it polls the port while the timer ticks', () => {
    const machine = setUp(MASKED_BUT_TIMER);
    const { port } = machine;
    port.handle(0x24, serve(machine));
    ticks(machine);
    port.wait(() => false, SECOND);
    port.in(COM1, 1);

    expect(told(machine, 1000)).toEqual([]);
  });

  test('breaks nothing if the interrupt came later, while the timer ticks', () => {
    const machine = setUp(MASKED_BUT_TIMER);
    machine.port.handle(0x24, serve(machine));
    ticks(machine);
    machine.port.wait(() => false, SECOND);
    machine.port.out(MASTER + 1, OPEN & MASKED_BUT_TIMER, 1);

    expect(told(machine)).toEqual([]);
  });

  test('breaks nothing if another timer ticks than that for which it has a handler', () => {
    const machine = setUp(OPEN);
    const { port } = machine;
    port.handle(0x24, serve(machine));
    port.handle(0x20, () => {});
    ticksByApic(machine);
    port.unmask();

    expect(told(machine)).toEqual([]);
  });

  test('is told of a pin at which nothing is, though another timer ticks', () => {
    const machine = setUp(MASKED);
    const { port } = machine;
    ticksByApic(machine);
    port.write(IO_APIC, 0x14, 4);
    port.write(IO_APIC + 0x10, 0x50, 4);
    port.handle(0x50, () => {});
    port.unmask();

    expect(told(machine)).toEqual([
      'IRQ 0 is requested, and its pin of the IOAPIC, 0, is masked: nothing is at pin 2, which is open, for the MADT has no override',
    ]);
  });

  test('breaks nothing if it did not wait for long', () => {
    const machine = setUp(MASKED);
    machine.port.handle(0x24, serve(machine));
    machine.port.unmask();

    expect(told(machine, 1_000_000)).toEqual([]);
  });

  test('breaks nothing if the interrupt came later', () => {
    const machine = setUp(MASKED);
    machine.port.handle(0x24, serve(machine));
    machine.port.unmask();
    machine.port.wait(() => false, SECOND);
    machine.port.out(MASTER + 1, OPEN, 1);

    expect(told(machine)).toEqual([]);
  });

  test('breaks nothing if it has handlers for all lines, and opens none', () => {
    const machine = setUp(MASKED);
    for (let vector = 0x20; vector < 0x30; vector++) machine.port.handle(vector, serve(machine));
    machine.port.unmask();

    expect(told(machine)).toEqual([]);
  });

  test('breaks nothing without a handler', () => {
    const machine = setUp(MASKED);
    machine.port.unmask();

    expect(told(machine)).toEqual([]);
  });

  test('is told that another port raises another line', () => {
    const machine = setUp(OPEN);
    const { port } = machine;
    port.out(COM1 + 1, 0, 1);
    port.handle(0x24, serve(machine));
    port.unmask();
    port.out(0x2fc, 0x0b, 1);
    port.out(0x2f9, 0x01, 1);
    machine.serial[1]!.type('x');

    expect(told(machine)).toEqual(['ttyS1 raises IRQ 3, which is masked, and not IRQ 4']);
  });
});
