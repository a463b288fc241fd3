import { describe, expect, test } from 'vitest';
import { CHARACTER, Rig } from './rig.ts';

/** A port without a line: bytes take no time, and the sender waits for room. */
function instant(): Rig {
  return new Rig({ pace: 'instant' }).open();
}

describe('where each character takes as long, whatever the divisor is', () => {
  const TIME = 300_000;

  test.each(['LCR=83 DLL=01 LCR=03', 'LCR=83 DLL=60 LCR=03', 'LCR=83 DLL=01 LCR=1e'])('%s', (format) => {
    const rig = new Rig({ pace: TIME });
    rig.play(`${format} FCR=01 2*THR=41`);
    rig.clock.advance(2 * TIME); // less than a bit before the first, and two characters
    const one = rig.screen.total;
    rig.clock.advance(TIME / 8);

    expect([one, rig.screen.total]).toEqual([1, 2]);
  });
});

describe('without line speed', () => {
  test('a written byte has left by the next access', () => {
    const rig = instant();
    expect(rig.play('FCR=01 16*THR=41 LSR?')).toEqual([0x60]);
    expect(rig.screen.text).toBe('A'.repeat(16));
  });

  test('there is an interrupt each time the transmitter becomes empty', () => {
    const rig = instant();
    rig.play('FCR=01 IER=02 IIR? THR=41');
    expect(rig.play('IIR? IIR?')).toEqual([0xc2, 0xc1]);
    expect(rig.levels).toEqual([true, false, true, false]);
  });

  test.each([
    ['with FIFO', 'FCR=01', 16],
    ['without', '', 1],
  ])('%s as much is received as there is room for, the rest waits and nothing is lost', (_how, fcr, room) => {
    const rig = instant();
    const text = 'The quick brown fox jumps over the lazy dog';
    rig.play(`${fcr} IER=05`);
    rig.uart.type(text);
    rig.clock.advance(1e9);
    const first = rig.play(`LSR? ${room}*RBR?`);
    expect([String.fromCharCode(...first.slice(1), ...rig.drain())]).toEqual([text]);
    expect([first[0], rig.journal.findings]).toEqual([0x61, []]);
  });

  test('clearing the receiver makes room, too', () => {
    const rig = instant();
    rig.play('FCR=01');
    rig.uart.type('0123456789abcdefXY');
    rig.clock.advance(1000);
    rig.play('FCR=03');
    expect(String.fromCharCode(...rig.drain())).toBe('XY');
  });

  test('the character timeout still counts in characters of the baud rate', () => {
    const rig = instant();
    rig.play('FCR=c1 IER=01');
    rig.uart.type('a');
    rig.clock.advance(4 * CHARACTER); // the byte takes a nanosecond, since no timer can be due at once
    const before = rig.irq.level;
    rig.clock.advance(1);
    expect([before, rig.irq.level]).toEqual([false, true]);
  });

  test('loopback overruns as on a line', () => {
    const rig = instant();
    rig.play('FCR=07 MCR=10 17*THR=00');
    expect(rig.play('LSR?')).toEqual([0x63]);
  });
});
