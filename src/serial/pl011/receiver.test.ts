import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';

/** Of UARTFR. */
const [RXFE, RXFF] = [0x10, 0x40];
/** Of UARTRIS. */
const [RX, RT, FE, PE, BE, OE] = [0x10, 0x40, 0x80, 0x100, 0x200, 0x400];

describe('the receiver', () => {
  test('keeps 32 characters; of one more it says OE until there is room, and until UARTECR is written', () => {
    const rig = new Rig();
    rig.uart.type('x'.repeat(33));
    rig.characters(34);
    const [flags, status, first] = rig.play('FR? RSR? DR?');
    rig.uart.type('y');
    rig.characters(2);
    const [second, sticky] = rig.play('DR? RSR?');
    rig.play('RSR=0');

    expect([flags! & RXFF, status, first, second, sticky]).toEqual([RXFF, 8, 0x878, 0x78, 8]);
    expect([rig.play('RSR?'), rig.play('RIS?')[0]! & OE]).toEqual([[0], OE]);
  });

  test('has the errors of a character in bits 11:8, then in UARTRSR', () => {
    const rig = new Rig();
    rig.uart.inject(0x55, { framing: true });
    rig.uart.inject(0x56, { parity: true });
    rig.uart.inject(0, { break: true });
    rig.uart.type('a');
    rig.characters(5);

    expect(rig.play('DR? RSR? DR? RSR? DR? RSR? DR? RSR?')).toEqual([0x155, 1, 0x256, 2, 0x500, 5, 0x61, 0]);
    expect(rig.play('RIS?')[0]! & (FE | PE | BE | OE)).toBe(FE | PE | BE);
  });

  test('interrupts at half of its FIFO, until it has been read to less', () => {
    const rig = new Rig();
    rig.play('IMSC=10');
    rig.uart.type('x'.repeat(16));
    rig.characters(15);
    const before = rig.irq.level;
    rig.characters(2);
    const at = rig.irq.level;
    rig.play('DR?');

    expect([before, at, rig.irq.level]).toEqual([false, true, false]);
  });

  test('interrupts for fewer once none has come for 32 bits, until it is empty', () => {
    const rig = new Rig();
    rig.play('IMSC=40');
    rig.uart.type('ab');
    // Two characters of ten bits, and 31 bits.
    rig.characters(5.1);
    const before = rig.irq.level;
    rig.characters(0.2);
    const at = rig.play('MIS?');
    rig.play('DR?');
    const half = rig.irq.level;
    rig.play('DR?');

    expect([before, at, half, rig.irq.level]).toEqual([false, [RT], true, false]);
  });

  test('without a FIFO interrupts for each character', () => {
    const rig = new Rig({ whole: true });
    rig.play('IBRD=d FBRD=1 LCR_H=60 CR=301 IMSC=10');
    rig.uart.type('ab');
    rig.characters(3);

    expect(rig.play('MIS? DR? MIS? RSR?')).toEqual([RX, 0x861, 0, 8]);
  });

  test('is off without RXE', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('CR=101');
    rig.uart.type('a');
    rig.characters(3);

    expect(rig.play('FR?')[0]! & RXFE).toBe(RXFE);
  });

  test('repeats the last character where it is empty', () => {
    const rig = new Rig();
    rig.uart.type('a');
    rig.characters(2);

    expect(rig.play('DR? DR?')).toEqual([0x61, 0x61]);
  });
});
