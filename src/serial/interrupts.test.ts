import { describe, expect, test } from 'vitest';
import { BIT, CHARACTER, Rig } from './rig.ts';

test('priority is line status, data, THRE, modem status, and each ends by its own read', () => {
  const rig = new Rig().open();
  rig.play('IER=0f');
  rig.uart.inject(0x41, { parity: true });
  rig.uart.modem({ DCD: false });
  rig.characters(1);
  expect(rig.play('IIR? LSR? IIR? RBR? IIR? IIR? MSR? IIR?')).toEqual([
    0x06, 0x65, 0x04, 0x41, 0x02, 0x00, 0x38, 0x01,
  ]);
});

test.each([
  ['ELSI', '0b', 0x04],
  ['ERBFI', '0e', 0x06],
  ['ELSI and ERBFI', '0a', 0x02],
  ['all but EDSSI', '08', 0x00],
  ['all', '00', 0x01],
])('without %s the next in rank is reported', (_missing, ier, iir) => {
  const rig = new Rig().open();
  rig.uart.inject(0x41, { framing: true });
  rig.uart.modem({ CTS: false });
  rig.characters(1);
  expect(rig.play(`IER=${ier} IIR?`)).toEqual([iir]);
});

test('an overrun alone is a line status interrupt', () => {
  const rig = new Rig().open();
  rig.play('IER=04');
  rig.uart.type('ab');
  rig.characters(2);
  expect(rig.play('IIR? LSR? IIR?')).toEqual([0x06, 0x63, 0x01]);
  expect(rig.levels).toEqual([true, false]);
});

describe('the THRE interrupt', () => {
  test('ends by the IIR read that reports it', () => {
    const rig = new Rig().open();
    expect(rig.play('IER=02 IIR? IIR?')).toEqual([0x02, 0x01]);
    expect(rig.levels).toEqual([true, false]);
  });

  test('does not end by an IIR read that reports a higher priority', () => {
    const rig = new Rig().open();
    rig.uart.type('a');
    rig.characters(1);
    expect(rig.play('IER=03 IIR? IIR? RBR? IIR? IIR?')).toEqual([0x04, 0x04, 0x61, 0x02, 0x01]);
  });

  test('ends by a THR write and comes again when the byte moves on, with an edge for a PIC', () => {
    const rig = new Rig().open();
    rig.play('IER=02 THR=41');
    rig.clock.advance(BIT);
    expect(rig.levels).toEqual([true, false, true]);
  });

  test('comes again each time ETBEI goes from 0 to 1 with THR empty, which a console relies on', () => {
    const rig = new Rig().open();
    expect(rig.play('IER=02 IIR? IER=00 IIR? IER=02 IIR? IIR?')).toEqual([0x02, 0x01, 0x02, 0x01]);
  });

  test('does not come again when ETBEI is 1 already', () => {
    const rig = new Rig().open();
    expect(rig.play('IER=02 IIR? IER=02 IIR?')).toEqual([0x02, 0x01]);
  });

  test('is not caused by ETBEI while a byte waits', () => {
    const rig = new Rig().open();
    expect(rig.play('THR=41 IER=02 IIR?')).toEqual([0x01]);
  });

  test.each([
    ['turning the FIFOs on', '', 'FCR=01', 0xc2],
    ['turning them off', 'FCR=01', 'FCR=00', 0x02],
    ['clearing the transmitter FIFO', 'FCR=01', 'FCR=05', 0xc2],
  ])('comes at once by %s', (_how, before, write, iir) => {
    const rig = new Rig().open();
    rig.play(`${before} IER=02 IIR?`);
    expect(rig.play(`${write} IIR? IIR?`)).toEqual([iir, (iir & 0xc0) | 1]);
  });

  test('after a burst comes when the last byte leaves the FIFO, and LSR has no THRE before', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=02 IIR? 4*THR=41');
    // 3 µs of accesses since the first write; the fourth byte leaves the FIFO three characters after the first.
    rig.clock.advance(BIT + 3 * CHARACTER - 3000 - 1);
    const before = [rig.irq.level, rig.uart.read(5, 1)];
    rig.clock.advance(1);
    expect([before, [rig.irq.level, rig.uart.read(5, 1)]]).toEqual([
      [false, 0x00],
      [true, 0x20],
    ]);
  });

  test('after a single byte in the FIFO comes a character less its stop bit later, LSR at once', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=02 IIR? THR=41');
    rig.clock.advance(BIT);
    const started = [rig.irq.level, rig.uart.read(5, 1)];
    rig.clock.advance(78_125 - 1); // nine bits
    const before = rig.irq.level;
    rig.clock.advance(1);
    expect([started, before, rig.irq.level]).toEqual([[false, 0x20], false, true]);
  });

  test.each([
    ['a burst', '4*THR=41', 5],
    ['a FIFO that was cleared', '4*THR=41 FCR=05', 2],
  ])('is delayed after a single byte that follows %s', (_what, before, characters) => {
    const rig = new Rig().open();
    rig.play(`FCR=01 IER=02 ${before}`);
    rig.characters(characters);
    rig.play('IIR? THR=41');
    rig.clock.advance(BIT + 78_125 - 1);
    const early = rig.irq.level;
    rig.clock.advance(1);
    expect([early, rig.irq.level]).toEqual([false, true]);
  });

  test('that is delayed is dropped when another byte is written', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=02 IIR? THR=41');
    rig.clock.advance(BIT);
    rig.play('2*THR=42');
    rig.clock.advance(78_125);
    expect(rig.irq.level).toBe(false);
  });
});

describe('the interrupt line', () => {
  test('is driven only while OUT2 is on, independent of IIR', () => {
    const rig = new Rig().open();
    rig.play('MCR=03 IER=02');
    const off = rig.irq.level;
    rig.play('MCR=0b');
    const on = rig.irq.level;
    rig.play('MCR=03');
    expect([off, on, rig.irq.level, ...rig.play('IIR?')]).toEqual([false, true, false, 0x02]);
  });
});
