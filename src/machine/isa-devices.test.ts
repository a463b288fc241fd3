import { describe, expect, test } from 'vitest';
import type { GuestPort } from '../core/guest-port.ts';
import { gceN1 } from './gce-n1.ts';
import { qemuPc } from './qemu-pc.ts';

const SECOND = 1_000_000_000;

function cmos(port: GuestPort, index: number): number {
  port.out(0x70, index, 1);
  return port.in(0x71, 1);
}

describe('at hand-off', () => {
  test('counter 0 of the 8254 runs at 18.2 Hz, and IRQ 0 is open', () => {
    const { port } = gceN1();
    port.out(0x43, 0xe2, 1);
    const status = port.in(0x40, 1);
    // OUT, low and high byte, mode 2; the count is loaded.
    expect([status & 0x7f, port.in(0x21, 1) & 1]).toEqual([0x34, 0]);
  });

  test('the keyboard is on, with interrupts and translated, the mouse is off', () => {
    const { port } = gceN1();
    port.out(0x64, 0x20, 1);
    expect(port.in(0x60, 1)).toBe(0x61);
  });

  test.each([
    ['Compute Engine', gceN1, 0],
    ['QEMU', qemuPc, 0x10],
  ])('the keyboard of %s is locked or not', (_whose, machine, unlocked) => {
    expect(machine().port.in(0x64, 1) & 0x10).toBe(unlocked);
  });

  test('the clock has the date of the option, and runs', () => {
    const { port } = gceN1({ date: '2024-02-29T23:59:58Z' });
    const before = [9, 8, 7, 6, 4, 2, 0].map((index) => cmos(port, index));
    port.wait(() => false, 2 * SECOND);
    const after = [9, 8, 7, 6, 4, 2, 0].map((index) => cmos(port, index));
    expect([before, after]).toEqual([
      [0x24, 0x02, 0x29, 5, 0x23, 0x59, 0x58],
      [0x24, 0x03, 0x01, 6, 0x00, 0x00, 0x00],
    ]);
  });

  // 3 GiB and 1 MiB: 65,535 KiB and no more above 1 MiB, bf00h times 64 KiB above 16 MiB, 10h above 4 GiB.
  test('the RAM of the clock holds the size of RAM', () => {
    const { port } = gceN1({ memory: { below4G: 3 * 2 ** 30, above4G: 2 ** 20 }, vcpus: 4 });
    const bytes = [0x15, 0x16, 0x17, 0x18, 0x30, 0x31, 0x32, 0x34, 0x35, 0x5b, 0x5c, 0x5d, 0x5f];
    expect(bytes.map((index) => cmos(port, index))).toEqual([
      0x80, 0x02, 0xff, 0xff, 0xff, 0xff, 0x20, 0x00, 0xbf, 0x10, 0x00, 0x00, 3,
    ]);
  });
});

describe('a date', () => {
  test.each(['2024-02-30T00:00:00Z', '1999-01-01T00:00:00Z', '2024-01-01', '2024-01-01T24:00:00Z'])(
    '%s is none',
    (date) => {
      expect(() => gceN1({ date })).toThrow(
        `date must be a date from 2000 to 2099 (example 2018-11-22T05:50:31Z); got "${date}"`,
      );
    },
  );
});

describe('interrupts', () => {
  test('of the timer reach the CPU through the 8259 pair, the clock through the slave', () => {
    const { port } = gceN1();
    const taken: string[] = [];
    for (const [at, value] of [
      [0x20, 0x11],
      [0xa0, 0x11],
      [0x21, 0x20],
      [0xa1, 0x28],
      [0x21, 4],
      [0xa1, 2],
      [0x21, 1],
      [0xa1, 1],
      [0x21, 0xfa],
      [0xa1, 0xfe],
    ] as const)
      port.out(at, value, 1);
    port.handle(0x20, () => {
      taken.push('timer');
      port.out(0x20, 0x20, 1);
    });
    port.handle(0x28, () => {
      taken.push('clock');
      cmos(port, 0x0c);
      port.out(0xa0, 0x20, 1);
      port.out(0x20, 0x20, 1);
    });
    port.out(0x70, 0x0b, 1);
    port.out(0x71, 0x12, 1);
    port.unmask();
    port.wait(() => false, SECOND - port.now() + 100_000);
    // 18 periods in the first second, and the edge of the control word.
    expect(taken.filter((who) => who === 'timer').length).toBeGreaterThanOrEqual(18);
    expect(taken.filter((who) => who === 'clock')).toHaveLength(1);
  });

  test('of the timer come with pin 0 of the IOAPIC on Compute Engine', () => {
    const { port } = gceN1();
    let taken = 0;
    port.handle(0x40, () => {
      taken++;
      port.write(0xfee0_00b0, 0, 4);
    });
    port.write(0xfec0_0000, 0x10, 4);
    port.write(0xfec0_0010, 0x40, 4);
    port.unmask();
    port.wait(() => taken > 2, SECOND);
    expect(taken).toBe(3);
  });
});

describe('a reset', () => {
  test('by the keyboard controller is of the CPU alone', () => {
    const machine = gceN1();
    const kinds: string[] = [];
    machine.events.on('reset', (kind) => kinds.push(kind));
    machine.port.out(0x64, 0xfe, 1);
    expect(kinds).toEqual(['soft']);
  });

  test('of the platform keeps date and RAM of the clock, and firmware sets up the rest again', () => {
    const machine = gceN1();
    const { port } = machine;
    port.out(0x70, 0x40, 1);
    port.out(0x71, 0x5a, 1);
    port.out(0x61, 0x03, 1);
    port.out(0xcf9, 0x06, 1);
    port.out(0x64, 0x20, 1);
    expect([cmos(port, 0x40), port.in(0x61, 1) & 0x0f, port.in(0x60, 1)]).toEqual([0x5a, 0, 0x61]);
  });
});

describe('a host with a CPU of its own', () => {
  test('gets 18 timer interrupts a second, as firmware left it', () => {
    const machine = gceN1();
    const { interrupts, board } = machine.chassis;
    const raised: number[] = [];
    interrupts.handTo({ setInput: (irq, level) => level && raised.push(irq), message: () => {} });
    raised.length = 0;
    board.clock.advance(SECOND);
    expect(raised).toEqual(new Array(18).fill(0));
    machine.close();
  });
});

describe('the DMA page registers', () => {
  test('keep a byte each, as Linux asks 87 whether there is DMA at all', () => {
    const { port } = gceN1();
    const before = port.in(0x87, 1);
    port.out(0x8f, 0x5a, 1);
    port.out(0x80, 0xa5, 1);
    expect([before, port.in(0x8f, 1), port.in(0x80, 1)]).toEqual([0, 0x5a, 0xa5]);
  });
});
