import { describe, expect, test } from 'vitest';
import { CHARACTER, Rig } from './rig.ts';

describe('time', () => {
  test('typed bytes arrive one per character time', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.type('ab');
    const seen = [0, CHARACTER - 1, 1, CHARACTER - 1, 1].map((pause) => {
      rig.clock.advance(pause);
      return rig.uart.read(5, 1) & 1 ? rig.uart.read(0, 1) : null;
    });
    expect(seen).toEqual([null, null, 0x61, null, 0x62]);
  });

  test('typed text arrives as UTF-8, in short words without the upper bits', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.type('é');
    rig.characters(2);
    rig.play('LCR=02');
    rig.uart.type(Uint8Array.of(0xc1));
    rig.characters(1);
    expect(rig.drain()).toEqual([0xc3, 0xa9, 0x41]);
  });

  test('typed text that waits long arrives in order', () => {
    const rig = new Rig({ pace: 'instant' }).open();
    const typed = Array.from({ length: 10_000 }, (_, i) => (i ^ (i >> 8)) & 0xff);
    rig.uart.type(Uint8Array.from(typed));
    const came = typed.map(() => {
      rig.clock.advance(1);
      return rig.uart.read(0, 1);
    });
    expect(came).toEqual(typed);
  });

  test('with a divisor of 0 the other end waits', () => {
    const rig = new Rig().open();
    rig.play('LCR=83 DLL=00 LCR=03');
    rig.uart.type('a');
    rig.clock.advance(1e12);
    const stopped = rig.drain();
    rig.play('LCR=83 DLL=01 LCR=03');
    rig.characters(1);
    expect([stopped, rig.drain()]).toEqual([[], [0x61]]);
  });

  test('the byte being received waits, too', () => {
    const rig = new Rig().open();
    rig.uart.type('a');
    rig.clock.advance(CHARACTER / 2);
    rig.play('LCR=83 DLL=00 LCR=03');
    rig.characters(5);
    const stopped = rig.drain();
    rig.play('LCR=83 DLL=01 LCR=03');
    rig.characters(1);
    expect([stopped, rig.drain()]).toEqual([[], [0x61]]);
  });
});

describe('overrun', () => {
  test('the FIFO keeps its sixteen bytes, the seventeenth is lost, and LSR reports it once', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.type('0123456789abcdefX');
    rig.characters(17);
    expect(rig.play('LSR? LSR?')).toEqual([0x63, 0x61]);
    expect(String.fromCharCode(...rig.drain())).toBe('0123456789abcdef');
  });

  test('the errors of the byte that was lost are lost with it', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.type('0123456789abcdef');
    rig.uart.inject(0x58, { parity: true });
    rig.characters(17);
    expect(rig.play('LSR? LSR?')).toEqual([0x63, 0x61]);
  });

  test('without FIFO the newer byte replaces the older', () => {
    const rig = new Rig().open();
    rig.uart.type('ab');
    rig.characters(2);
    expect(rig.play('LSR? RBR? LSR?')).toEqual([0x63, 0x62, 0x60]);
  });

  test('the byte last read stays in RBR', () => {
    const rig = new Rig().open();
    rig.uart.type('B');
    rig.characters(1);
    expect(rig.play('RBR? RBR? LSR?')).toEqual([0x42, 0x42, 0x60]);
  });
});

describe('errors', () => {
  test('without FIFO they show with their byte and are cleared by reading LSR', () => {
    const rig = new Rig().open();
    rig.uart.inject(0x41, { parity: true, framing: true });
    rig.characters(1);
    expect(rig.play('LSR? LSR? RBR?')).toEqual([0x6d, 0x61, 0x41]);
  });

  test('in the FIFO they wait for their byte to come to the head, while bit 7 shows that there are some', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.type('a');
    rig.uart.inject(0x62, { parity: true });
    rig.uart.inject(0x63, { framing: true });
    rig.uart.type('d');
    rig.characters(4);
    expect(rig.play('LSR? RBR? LSR? LSR? RBR? LSR? LSR? RBR? LSR? RBR? LSR?')).toEqual([
      0xe1, 0x61, 0xe5, 0xe1, 0x62, 0xe9, 0x61, 0x63, 0x61, 0x64, 0x60,
    ]);
  });

  test('bit 7 stays until LSR is read, also when the bad byte is gone', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.inject(0x41, { parity: true });
    rig.characters(1);
    expect(rig.play('RBR? LSR? LSR?')).toEqual([0x41, 0xe4, 0x60]);
  });

  test('a break is one zero byte without a stop bit', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.inject(0xff, { break: true });
    rig.uart.type('h');
    rig.characters(2);
    expect(rig.play('LSR? RBR? LSR? RBR?')).toEqual([0xf9, 0x00, 0x61, 0x68]);
  });

  test('clearing the FIFO clears the errors of the bytes in it', () => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.type('a');
    rig.uart.inject(0x62, { parity: true });
    rig.characters(2);
    expect(rig.play('FCR=03 LSR?')).toEqual([0x60]);
    rig.uart.inject(0x63, { parity: true });
    rig.characters(1);
    expect(rig.play('LSR? LSR? RBR?')).toEqual([0xe5, 0x61, 0x63]);
  });

  test('an injected overrun shows at once, whatever is at the head, and is no finding', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=04');
    rig.uart.type('a');
    rig.uart.inject(0x62, { overrun: true });
    rig.characters(2);
    expect(rig.play('IIR? LSR? IIR? RBR? LSR? RBR?')).toEqual([0xc6, 0x63, 0xc1, 0x61, 0x61, 0x62]);
    expect(rig.journal.findings).toEqual([]);
  });

  test('the other end can send bytes only', () => {
    expect(() => new Rig().uart.inject(256, {})).toThrow(
      'ttyS0.inject must be a byte from 0 to 255; got 256',
    );
  });
});

describe('trigger level', () => {
  test.each([
    [1, '01'],
    [4, '41'],
    [8, '81'],
    [14, 'c1'],
  ])('of %i interrupts at that many bytes and until there are fewer', (level, fcr) => {
    const rig = new Rig().open();
    rig.play(`FCR=${fcr} IER=01`);
    rig.uart.type('x'.repeat(level));
    rig.characters(level - 1);
    const below = rig.play('IIR?');
    rig.characters(1);
    expect([...below, ...rig.play('IIR? RBR? IIR?')]).toEqual([0xc1, 0xc4, 0x78, 0xc1]);
    expect(rig.levels).toEqual([true, false]);
  });

  test('is ignored while the FIFOs are off', () => {
    const rig = new Rig().open();
    rig.play('FCR=c1 FCR=c0 IER=01');
    rig.uart.type('x');
    rig.characters(1);
    expect(rig.play('IIR?')).toEqual([0x04]);
  });
});

describe('character timeout', () => {
  /** Trigger 14 with three bytes: only a timeout can report them. Returns just after the third came in. */
  function threeBytes(): Rig {
    const rig = new Rig().open();
    rig.play('FCR=c1 IER=01');
    rig.uart.type('abc');
    rig.characters(3);
    return rig;
  }

  test('comes four character times after the last byte, and reading RBR ends it', () => {
    const rig = threeBytes();
    rig.clock.advance(4 * CHARACTER - 1);
    const before = rig.irq.level;
    rig.clock.advance(1);
    expect([before, rig.irq.level]).toEqual([false, true]);
    expect(rig.play('IIR? RBR? IIR?')).toEqual([0xcc, 0x61, 0xc1]);
  });

  test('is restarted by a read and by another byte', () => {
    const rig = threeBytes();
    rig.characters(3);
    rig.uart.read(0, 1);
    rig.characters(3);
    rig.uart.type('d');
    rig.characters(1); // four after the read: it comes just in time
    rig.clock.advance(4 * CHARACTER - 1);
    const before = rig.irq.level;
    rig.clock.advance(1);
    expect([before, rig.irq.level]).toEqual([false, true]);
  });

  test('comes again after each read while bytes are left', () => {
    const rig = threeBytes();
    rig.characters(4);
    rig.play('RBR?');
    rig.characters(4);
    expect(rig.play('IIR? RBR? RBR? IIR?')).toEqual([0xcc, 0x62, 0x63, 0xc1]);
    rig.characters(10);
    expect(rig.irq.level).toBe(false);
  });

  test('once pending is not ended by another byte', () => {
    const rig = threeBytes();
    rig.characters(4);
    rig.uart.type('d');
    rig.characters(1);
    expect(rig.play('IIR?')).toEqual([0xcc]);
  });

  test('shows at once when its interrupt is enabled late', () => {
    const rig = threeBytes();
    rig.play('IER=00');
    rig.characters(4);
    expect(rig.play('IIR? IER=01 IIR?')).toEqual([0xc1, 0xcc]);
  });

  test('waits while the divisor is 0', () => {
    const rig = threeBytes();
    rig.play('LCR=83 DLL=00 LCR=03');
    rig.characters(10);
    const stopped = rig.irq.level;
    rig.play('LCR=83 DLL=01 LCR=03');
    rig.characters(4);
    expect([stopped, rig.irq.level]).toEqual([false, true]);
  });

  test('does not exist without FIFO', () => {
    const rig = new Rig().open();
    rig.play('IER=01');
    rig.uart.type('a');
    rig.characters(10);
    expect(rig.play('IIR?')).toEqual([0x04]);
  });

  test('ends when the FIFO is cleared', () => {
    const rig = threeBytes();
    rig.characters(4);
    expect(rig.play('FCR=c3 IIR? LSR?')).toEqual([0xc1, 0x60]);
  });
});
