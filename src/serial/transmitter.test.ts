import { describe, expect, test } from 'vitest';
import { BIT, CHARACTER, Rig } from './rig.ts';

describe('time', () => {
  test('a byte waits a bit time in THR, then takes a character time to reach the other end', () => {
    const rig = new Rig().open();
    rig.play('THR=41');
    const written = rig.uart.read(5, 1);
    rig.clock.advance(BIT);
    const started = rig.uart.read(5, 1);
    rig.clock.advance(CHARACTER - 1);
    const before = rig.screen.text;
    rig.clock.advance(1);
    expect([written, started, before, rig.screen.text, rig.uart.read(5, 1)]).toEqual([
      0x00,
      0x20,
      '',
      'A',
      0x60,
    ]);
  });

  test.each([
    // LCR, divisor and the time of one bit more than the character: 16 × divisor × bits / 1.8432 MHz.
    ['8N1 at 115200', 0x03, 1, 8681 + 86_806],
    ['5N1 at 9600', 0x00, 12, 104_167 + 729_167],
    ['5N1.5 at 9600', 0x04, 12, 104_167 + 781_250],
    ['8E2 at 9600', 0x1f, 12, 104_167 + 1_250_000],
    ['7O1 at 300', 0x0a, 384, 3_333_333 + 33_333_333],
    ['8N1 at the slowest rate', 0x03, 0xffff, 568_880_208 + 5_688_802_083],
  ])('%s', (_format, lcr, divisor, time) => {
    const rig = new Rig();
    rig.play(
      `LCR=80 DLL=${(divisor & 0xff).toString(16)} DLM=${(divisor >> 8).toString(16)} LCR=${lcr.toString(16)}`,
    );
    rig.play('THR=15');
    rig.clock.advance(time - 1);
    const before = rig.screen.bytes.length;
    rig.clock.advance(1);
    expect([before, rig.screen.bytes.length]).toEqual([0, 1]);
  });

  test('bytes in the FIFO follow each other without a pause', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 16*THR=41');
    // The accesses took 15 µs since the first THR write; the first byte started at 8681 ns.
    rig.clock.advance(BIT + 16 * CHARACTER - 15_000 - 1);
    const before = rig.screen.bytes.length;
    rig.clock.advance(1);
    expect([before, rig.screen.bytes.length]).toEqual([15, 16]);
  });
});

describe('data on the line', () => {
  test('a short word loses its upper bits', () => {
    const rig = new Rig().open();
    rig.play('LCR=02 THR=ff');
    rig.characters(2);
    expect([...rig.screen.bytes]).toEqual([0x7f]);
  });

  test('during a break the transmitter continues but the other end gets no bytes', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 LCR=43 2*THR=00');
    rig.characters(3);
    expect(rig.play('LSR? LCR=03 THR=41')).toEqual([0x60]);
    rig.characters(2);
    expect(rig.screen.text).toBe('A');
  });

  test('the other end is notified of a break’s begin and end, except in loopback', () => {
    const rig = new Rig().open();
    const told: boolean[] = [];
    rig.uart.endpoint = { receive: () => {}, breaks: (on) => told.push(on) };
    rig.play('LCR=43 LCR=47');
    const begun = [...told];
    rig.play('MCR=1b');
    const looped = [...told];
    rig.play('MCR=0b');
    rig.uart.reset('hard');
    const ended = [...told];
    rig.play('MCR=10 LCR=43 LCR=03');
    expect([begun, looped, ended]).toEqual([[true], [true, false], [true, false, true, false]]);
    expect(told).toEqual(ended);
  });

  test('a transmitter without a listener works the same, and reports no loss', () => {
    const rig = new Rig().open();
    rig.uart.endpoint = null;
    rig.play('THR=41');
    rig.characters(2);
    expect(rig.play('LSR?')).toEqual([0x60]);
  });
});

describe('a transmitter that is full', () => {
  test('in the FIFO the seventeenth byte is lost', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 4*THR=61 4*THR=62 4*THR=63 4*THR=64'); // 16 µs: the first byte is in the shift register by now
    rig.play('THR=65 THR=66');
    rig.characters(20);
    expect(rig.screen.text).toBe('aaaabbbbccccdddde');
  });

  test('without FIFO a second write replaces the byte in THR', () => {
    const rig = new Rig().open();
    rig.play('THR=41 THR=42');
    rig.characters(3);
    expect(rig.screen.text).toBe('B');
  });
});

describe('clearing the FIFO', () => {
  test.each([
    ['by its reset bit', 'FCR=05'],
    ['by turning the FIFOs off', 'FCR=00'],
  ])('%s, the byte in the shift register still goes out and TEMT waits for it', (_how, clear) => {
    const rig = new Rig().open();
    rig.play('FCR=01 16*THR=41');
    const [after] = rig.play(`${clear} LSR?`);
    rig.characters(3);
    expect([after, rig.screen.text, ...rig.play('LSR?')]).toEqual([0x20, 'A', 0x60]);
  });

  test('before its start bit even the first byte is cleared', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 THR=41 FCR=05');
    rig.characters(3);
    expect([rig.screen.text, ...rig.play('LSR?')]).toEqual(['', 0x60]);
  });

  test('a byte written after that has its own start', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 THR=41');
    rig.clock.advance(BIT - 3000);
    rig.play('FCR=05 THR=42');
    rig.clock.advance(BIT - 1);
    const before = rig.uart.read(5, 1);
    rig.clock.advance(1);
    expect([before, rig.uart.read(5, 1)]).toEqual([0x00, 0x20]);
  });

  test('the reset bit has an effect only together with ENABLE', () => {
    const rig = new Rig().open();
    rig.play('THR=41 FCR=06');
    rig.characters(3);
    expect(rig.screen.text).toBe('A');
  });
});

describe('a divisor of 0', () => {
  test('stops the transmitter until it has a rate again', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 LCR=83 DLL=00 LCR=03 THR=41');
    rig.clock.advance(1e12);
    const stopped = rig.play('LSR?');
    rig.play('LCR=83 DLL=01 LCR=03');
    rig.characters(2);
    expect([stopped, rig.screen.text]).toEqual([[0x00], 'A']);
  });

  test('stops the current byte, which starts over', () => {
    const rig = new Rig().open();
    rig.play('THR=41');
    rig.clock.advance(BIT);
    rig.play('LCR=83 DLL=00');
    rig.clock.advance(1e12);
    rig.play('DLL=01 LCR=03');
    // One microsecond of accesses since the rate was set again.
    rig.clock.advance(CHARACTER - 1000 - 1);
    const before = rig.screen.text;
    rig.clock.advance(1);
    expect([before, rig.screen.text]).toEqual(['', 'A']);
  });

  test('between two writes of the latch does not affect the current byte', () => {
    const rig = new Rig().open();
    rig.play('THR=41');
    rig.clock.advance(BIT);
    rig.play('LCR=83 DLL=00 DLM=01 LCR=03');
    rig.characters(1);
    expect(rig.screen.text).toBe('A');
  });
});
