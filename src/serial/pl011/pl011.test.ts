import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Width } from '../../core/bits.ts';
import { Rig } from './rig.ts';

/** Of UARTFR. */
const [BUSY, RXFE, TXFF, TXFE] = [0x08, 0x10, 0x20, 0x80];
/** Of UARTRIS. */
const TX = 0x20;

describe('a PL011 out of reset', () => {
  test('has the values of the manual, and its identity', () => {
    const rig = new Rig({ whole: true });

    const read = rig.play('CR? IFLS? LCR_H? IBRD? FBRD? IMSC? RIS? MIS? DMACR? RSR?');
    const ids = Array.from({ length: 8 }, (_, i) => rig.mmio.read(0x0900_0fe0 + 4 * i, 4));

    expect(read).toEqual([0x300, 0x12, 0, 0, 0, 0, 0, 0, 0, 0]);
    // Part 011 of designer 41, r1p5; then the number of PrimeCells.
    expect(ids).toEqual([0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1]);
  });

  test('is disabled, and sends once it has a divisor and is enabled', () => {
    const rig = new Rig({ whole: true });
    rig.play('DR=41');
    rig.characters(100);
    const before = [rig.screen.text, rig.play('FR?')[0]! & (BUSY | TXFE)];

    rig.play('IBRD=d FBRD=1 LCR_H=70 DR=42 CR=301');
    rig.characters(3);

    expect(before).toEqual(['', BUSY]);
    // The change of FEN emptied the FIFO.
    expect(rig.screen.text).toBe('B');
  });
});

describe('a generic UART', () => {
  test('sends and receives without being set up', () => {
    const rig = new Rig();
    rig.uart.type('ok');
    rig.play('DR=68 DR=69');
    rig.characters(4);

    expect(rig.screen.text).toBe('hi');
    expect(rig.play('DR? DR? FR?')).toEqual([0x6f, 0x6b, RXFE | TXFE]);
  });

  test('reads 0 where a whole one has registers, and keeps nothing there', () => {
    const rig = new Rig();
    rig.play('CR=0 LCR_H=0 DR=41');
    rig.characters(2);

    expect([rig.play('CR? LCR_H? IFLS?'), rig.screen.text]).toEqual([[0, 0, 0], 'A']);
  });

  test('shows no pins of a modem, and no interrupt of them', () => {
    const rig = new Rig();
    rig.play('IMSC=7ff');
    rig.uart.modem({ CTS: false });

    expect(rig.play('FR? RIS? IMSC?')).toEqual([RXFE | TXFE, 0, 0x7f0]);
  });
});

describe('the transmitter', () => {
  test('takes 32 characters beside the one that is sent; the next one is lost', () => {
    const rig = new Rig();
    rig.play('DR=30');
    rig.characters(1 / 4);
    rig.play('32*DR=41');
    const full = rig.play('FR?')[0]!;
    rig.play('DR=42');
    rig.characters(40);

    expect(full & (TXFF | BUSY | TXFE)).toBe(TXFF | BUSY);
    expect(rig.screen.text).toBe(`0${'A'.repeat(32)}`);
  });

  test('is busy until the last bit is sent', () => {
    const rig = new Rig();
    rig.play('DR=41');
    rig.characters(1);
    const sending = rig.play('FR?')[0]! & (BUSY | TXFE);
    rig.characters(1 / 5);

    expect([sending, rig.play('FR?')[0]! & BUSY]).toEqual([BUSY | TXFE, 0]);
  });

  test('interrupts as the FIFO comes down to its level, and not because it is there', () => {
    const rig = new Rig();
    rig.play('IMSC=20 16*DR=41');
    rig.characters(20);
    const few = rig.irq.level;
    // Half of 32 is the level; one is sent at once.
    rig.play('18*DR=41');
    const above = rig.irq.level;
    rig.characters(2);

    expect([few, above, rig.irq.level]).toEqual([false, false, true]);
  });

  test('ends its interrupt by characters above the level, or by UARTICR', () => {
    const rig = new Rig();
    rig.play('IMSC=20 18*DR=41');
    rig.characters(3);
    const raised = rig.play('MIS?');
    rig.play('8*DR=42');
    const filled = rig.play('MIS?');
    rig.characters(12);
    const again = rig.play('MIS?');
    rig.play('ICR=20');

    expect([raised, filled, again, rig.play('MIS?')]).toEqual([[TX], [0], [TX], [0]]);
  });

  test('without a FIFO interrupts as its one character goes', () => {
    const rig = new Rig({ whole: true });
    rig.play('IBRD=d LCR_H=60 CR=301 IMSC=20 DR=41');
    rig.characters(1);

    expect(rig.play('MIS?')).toEqual([TX]);
  });

  test('finishes the character under way when it is disabled, and keeps the others', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('DR=41 DR=42');
    rig.characters(1 / 2);
    rig.play('CR=0');
    rig.characters(5);
    const stopped = rig.screen.text;
    rig.play('CR=301');
    rig.characters(3);

    expect([stopped, rig.screen.text]).toEqual(['A', 'AB']);
  });

  test('waits for CTS if it is told to', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('CR=8301');
    rig.uart.modem({ CTS: false });
    rig.play('DR=41');
    rig.characters(3);
    const held = rig.screen.text;
    rig.uart.modem({ CTS: true });
    rig.characters(3);

    expect([held, rig.screen.text]).toEqual(['', 'A']);
  });
});

describe('a whole PL011', () => {
  test('takes its divisor over with UARTLCR_H alone', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('CR=0 IBRD=1 FBRD=0 CR=301 DR=41');
    rig.characters(1 / 2);
    const before = rig.screen.text;
    rig.characters(1);

    expect([before, rig.screen.text]).toEqual(['', 'A']);
  });

  test('feeds its receiver in loopback, and the modem its own outputs', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('CR=0 CR=b81 DR=41');
    rig.characters(2);

    // RTS feeds CTS.
    expect(rig.play('FR?')[0]! & 0x107).toBe(0x01);
    expect([rig.play('DR?'), rig.screen.text]).toEqual([[0x41], '']);
  });

  test('shows the pins of the modem, and interrupts as each changes', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('ICR=7ff IMSC=f');
    const before = rig.play('FR?')[0]! & 0x107;
    rig.uart.modem({ CTS: false, RI: true });

    expect([before, rig.play('FR?')[0]! & 0x107, rig.play('MIS?')]).toEqual([0x007, 0x106, [0x03]]);
  });

  test('starts and ends a break', () => {
    const rig = new Rig({ whole: true }).open();
    const breaks: boolean[] = [];
    rig.uart.endpoint = { receive: () => {}, breaks: (on) => breaks.push(on) };
    rig.play('CR=0 LCR_H=71 CR=301 CR=0 LCR_H=70');

    expect(breaks).toEqual([true, false]);
  });
});

test('a reset empties both halves, and takes its line back', () => {
  const rig = new Rig();
  rig.uart.type('a');
  rig.play('IMSC=40');
  rig.characters(10);
  const before = rig.irq.level;
  rig.uart.reset('hard');

  expect([before, rig.irq.level, rig.play('FR? IMSC? RIS?')]).toEqual([true, false, [RXFE | TXFE, 0, 0]]);
});

test('a UART that is closed leaves no timer and no level', () => {
  const rig = new Rig();
  rig.play('IMSC=40 DR=41');
  rig.uart.type('a');
  rig.characters(1);
  rig.uart.close();
  rig.clock.advance(1_000_000_000);

  expect([rig.screen.text, rig.irq.level]).toEqual(['', false]);
});

test('accesses are described by register, field and character', () => {
  const rig = new Rig();
  const texts = ['DR=41', 'FR?', 'IMSC=50', 'LCR_H=70'].map((script) => {
    rig.play(script);
    return rig.lastAccess;
  });

  expect(texts).toEqual([
    "ttyAMA0 UARTDR ← 00000041  DATA=41h  'A'",
    'ttyAMA0 UARTFR → 00000018  BUSY RXFE',
    'ttyAMA0 UARTIMSC ← 00000050  RX RT',
    'ttyAMA0 UARTLCR_H ← 00000070  FEN WLEN=3',
  ]);
});

test('any access is answered, by 0 to ffffffff', () => {
  const access = fc.record({
    offset: fc.integer({ min: 0, max: 0xfff }),
    width: fc.constantFrom<Width>(1, 2, 4),
    value: fc.integer({ min: 0, max: 0xffff_ffff }),
    time: fc.integer({ min: 0, max: 200_000 }),
  });
  const run = (
    whole: boolean,
    accesses: readonly { offset: number; width: Width; value: number; time: number }[],
  ) => {
    const rig = new Rig({ whole });
    rig.uart.type('abc');
    return accesses.every(({ offset, width, value, time }) => {
      rig.mmio.write(0x0900_0000 + offset, value, width);
      rig.clock.advance(time);
      const read = rig.mmio.read(0x0900_0000 + offset, width);
      return read >= 0 && read <= 0xffff_ffff;
    });
  };

  fc.assert(fc.property(fc.boolean(), fc.array(access, { maxLength: 40 }), run), { numRuns: 100 });
});
