import { describe, expect, test } from 'vitest';
import type { GuestPort } from '../src/core/guest-port.ts';
import { virtioNet } from '../src/guest/drivers/virtio-net.ts';
import { PicDriver } from '../src/guest/interrupts/pic.ts';
import { gceN1, qemuPc } from '../src/index.ts';

const SECOND = 1_000_000_000;
/** 1,193,182 Hz / 65,536. */
const TICKS_A_SECOND = 18;
const never = () => false;

/** Messages to vector 40h of the local APIC, as a driver by MSI-X has them, with the 8259 pair left alone. */
function takeMessages(port: GuestPort): { count: number } {
  const taken = { count: 0 };
  port.write(0xfee0_00f0, 0x1ef, 4);
  port.handle(0x40, () => {
    taken.count++;
    port.write(0xfee0_00b0, 0, 4);
  });
  port.unmask();
  return taken;
}

/** To itself, vector 40h. */
const sendMessage = (port: GuestPort) => port.write(0xfee0_0300, 0x4_0040, 4);

describe('a guest that enables interrupts with the controllers as a BIOS left them', () => {
  test('has the ticks of its timer served by the firmware, gets one finding, and goes on', () => {
    const machine = gceN1();
    const { port } = machine;
    const taken = takeMessages(port);
    const vectors: number[] = [];
    machine.events.on('interrupt', (vector) => vectors.push(vector));

    port.wait(never, SECOND);
    sendMessage(port);
    port.wait(never, SECOND);

    // OUT rose when the firmware set its mode: that tick waits at hand-off.
    expect(vectors.filter((vector) => vector === 0x08)).toHaveLength(1 + 2 * TICKS_A_SECOND);
    expect(taken.count).toBe(1);
    expect(machine.findings.map(({ clause, severity, count }) => [clause, severity, count])).toEqual([
      ['pic/VECTOR', 'note', 1],
    ]);
  });

  test('gets another finding after a reset', () => {
    const machine = gceN1();
    for (const kind of ['hard', 'soft'] as const) {
      machine.port.unmask();
      machine.port.wait(never, SECOND);
      machine.reset(kind);
    }

    expect(machine.journal.count('pic/VECTOR')).toBe(2);
  });

  test('has lines of both controllers served, and none is left blocked', () => {
    const machine = gceN1();
    const { port, chassis } = machine;
    port.unmask();
    // The keyboard's line, and the mouse's at the slave.
    for (const irq of [1, 12]) {
      const wire = chassis.interrupts.isa[irq]!.source('test');
      wire.set(true);
      port.wait(never, 1000);
      wire.set(false);
    }

    expect(chassis.interrupts.pic.inService()).toBe(0);
  });

  test('does not wait without end because of them', () => {
    const { port } = gceN1();
    port.unmask();

    expect(port.wait(never, Number.POSITIVE_INFINITY)).toBe(false);
  });

  test.each([SECOND, Number.POSITIVE_INFINITY])(
    'waits for %d ns while a level-triggered line stays asserted, and that ends soon',
    (limit) => {
      const machine = gceN1();
      const { port, chassis } = machine;
      let taken = 0;
      machine.events.on('interrupt', () => taken++);
      port.out(0xa1, 0, 1);
      chassis.interrupts.isa[11]!.source('test').set(true);
      port.unmask();

      expect(port.wait(never, limit)).toBe(false);
      expect(taken).toBeGreaterThan(100);
      expect(taken).toBeLessThan(50_000);
    },
  );

  test('that gave the pair vectors of its own has no firmware behind them', () => {
    const machine = gceN1();
    const { port, chassis } = machine;
    new PicDriver(port, 0x70).open(port, 0, 'edge');
    port.unmask();

    port.wait(never, SECOND);

    expect(chassis.interrupts.pic.inService()).toBe(1);
    expect(machine.findings.map(({ clause }) => clause)).toEqual(['pic/EOI']);
  });
});

test.each([
  ['a UEFI', { firmware: 'uefi' }],
  ['no firmware', { firmware: false }],
] as const)('where %s handed over, none serves an interrupt', (_who, options) => {
  const machine = gceN1(options);
  machine.port.unmask();

  machine.port.wait(never, SECOND);

  expect(machine.findings).toEqual([]);
});

test.each([
  ['gceN1, messages', gceN1, 'msix'],
  ['gceN1, lines', gceN1, 'intx'],
  ['qemuPc, messages', qemuPc, 'msix'],
  ['qemuPc, lines', qemuPc, 'intx'],
] as const)(
  'the reference drivers mask the pair before they let interrupts in: %s',
  (_name, make, interrupts) => {
    const machine = make();
    machine.attach(virtioNet({ interrupts }));

    machine.port.wait(never, SECOND);

    expect(machine.findings).toEqual([]);
  },
);
