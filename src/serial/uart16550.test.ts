import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BIT, Rig } from './rig.ts';

describe('registers', () => {
  test('power-on gives the values of the reset table, a ready terminal, and 9600 baud', () => {
    const rig = new Rig();
    expect(rig.play('IIR? IER? LCR? MCR? LSR? MSR? SCR? LCR=80 DLL? DLM?')).toEqual([
      0x01, 0x00, 0x00, 0x00, 0x60, 0xb0, 0x00, 0x0c, 0x00,
    ]);
  });

  test.each([
    ['IER', 0x0f],
    ['MCR', 0x1f],
    ['LCR', 0xff],
    ['SCR', 0xff],
  ])('%s keeps its implemented bits of ff', (name, kept) => {
    const rig = new Rig();
    expect(rig.play(`${name}=ff ${name}?`)).toEqual([kept]);
  });

  test('LSR and MSR take no writes', () => {
    const rig = new Rig();
    expect(rig.play('LSR=9f MSR=0f LSR? MSR?')).toEqual([0x60, 0xb0]);
  });

  test('DLAB maps the divisor at offsets 0 and 1 and does not affect IIR and FCR', () => {
    const rig = new Rig();
    expect(rig.play('IER=0a LCR=83 DLL=34 DLM=12 FCR=01 DLL? DLM? IIR? LCR=03 IER?')).toEqual([
      0x34, 0x12, 0xc2, 0x0a,
    ]);
  });

  test('LCR = BF opens no further registers, as it would on a 16650', () => {
    const rig = new Rig();
    expect(rig.play('LCR=bf FCR=01 IIR? FCR=00 IIR?')).toEqual([0xc1, 0x01]);
  });

  test('a wider access reaches one register per byte, lowest first', () => {
    const rig = new Rig();
    rig.play('IER=05');
    rig.ports.write(0x3fe, 0x77aa, 2);
    expect([rig.ports.read(0x3f8, 2) >> 8, ...rig.play('SCR? MSR?')]).toEqual([0x05, 0x77, 0xb0]);
  });

  test('a reset clears all but the divisor and SCR, and drops what was being sent', () => {
    const rig = new Rig().open();
    rig.play('FCR=c1');
    rig.uart.inject(0x61, { parity: true });
    rig.uart.type('b');
    rig.uart.modem({ RI: true });
    rig.uart.modem({ RI: false });
    rig.characters(2);
    rig.play('IER=0f SCR=5a 3*THR=41');
    rig.uart.reset('hard');
    rig.characters(10);
    expect(rig.play('IIR? IER? LCR? MCR? LSR? MSR? SCR? LCR=80 DLL?')).toEqual([
      0x01, 0x00, 0x00, 0x00, 0x60, 0xb0, 0x5a, 0x01,
    ]);
    expect([rig.irq.level, rig.screen.text]).toEqual([false, '']);
  });

  test('power-on resets the divisor and SCR, and drops incoming bytes', () => {
    const rig = new Rig().open();
    rig.play('SCR=5a');
    rig.uart.type('left over');
    rig.uart.reset('power');
    rig.characters(200);
    expect(rig.play('SCR? LSR? LCR=80 DLL? DLM?')).toEqual([0x00, 0x60, 0x0c, 0x00]);
  });

  test('once closed it drives no interrupt line and has no timer', () => {
    const rig = new Rig().open();
    rig.play('FCR=c1 IER=0b IIR?');
    rig.uart.type('xy');
    rig.characters(1);
    rig.play('THR=41');
    rig.clock.advance(BIT); // In progress: a byte out, one in, a timeout and a delayed THRE interrupt.
    rig.uart.modem({ CTS: false });
    const before = rig.irq.level;
    rig.uart.close();
    rig.characters(100);
    expect([before, rig.irq.level, rig.screen.text]).toEqual([true, false, '']);
    expect(rig.drain()).toEqual([0x78]);
  });
});

describe('an access in words', () => {
  test.each([
    ['a write names the fields', 3, 1, 0x83, true, 0x00, 'ttyS0 LCR ← 83  WLS=3 DLAB'],
    ['a read names the fields', 5, 1, 0x60, false, 0x03, 'ttyS0 LSR → 60  TEMT THRE'],
    ['a read that is not answered has no value', 5, 1, null, false, 0x03, 'ttyS0 LSR'],
    ['data shows as a character', 0, 1, 0x41, true, 0x03, "ttyS0 THR ← 41  'A'"],
    ['data that is no character shows as a number', 0, 1, 0x0a, false, 0x03, 'ttyS0 RBR → 0a'],
    ['DLAB makes it the divisor', 0, 1, 0x0c, true, 0x83, 'ttyS0 DLL ← 0c'],
    ['offset 2 reads as IIR', 2, 1, 0xc1, false, 0x03, 'ttyS0 IIR → c1  NONE FIFO=3'],
    ['offset 2 is written as FCR', 2, 1, 0x81, true, 0x83, 'ttyS0 FCR ← 81  ENABLE TRIGGER=2'],
    ['a word is two registers', 0, 2, 0x0541, true, 0x03, "ttyS0 THR ← 41  'A', IER ← 05  ERBFI ELSI"],
    ['a word past the last port is one', 7, 2, 0x5aff, true, 0x03, 'ttyS0 SCR ← ff'],
  ])('%s', (_what, offset, width, value, write, context, text) => {
    expect(new Rig().uart.describe({ offset, width, value, write, context })).toBe(text);
  });

  test('the trail remembers what DLAB was before the access', () => {
    const rig = new Rig();
    rig.play('LCR=83 DLM=01 LCR=03 IER=01');
    expect(rig.trail.newest(4).map(({ text }) => text)).toEqual([
      'ttyS0 LCR ← 83  WLS=3 DLAB',
      'ttyS0 DLM ← 01',
      'ttyS0 LCR ← 03  WLS=3',
      'ttyS0 IER ← 01  ERBFI',
    ]);
  });
});

/** An access of the guest, a pause in nanoseconds, or what the other end types. */
type Step = readonly [name: string, value: number | null] | number | Uint8Array;

function act(rig: Rig, step: Step): number[] {
  if (typeof step === 'number') rig.clock.advance(step);
  else if (step instanceof Uint8Array) rig.uart.type(step);
  else return rig.play(step[1] === null ? `${step[0]}?` : `${step[0]}=${step[1].toString(16)}`);
  return [];
}

/** Serves interrupts until IIR shows none, like a driver's attach; returns how many rounds, at most `most`. */
function serve(rig: Rig, most: number): number {
  let rounds = 0;
  while (rounds < most && (rig.play('IIR?')[0]! & 1) === 0) {
    rig.play('LSR? RBR? MSR?');
    rounds++;
  }
  return rounds;
}

test('for any actions of guest and other end, reads are bytes, the line follows IIR, and interrupts can be served', () => {
  const names = ['RBR', 'IER', 'IIR', 'LCR', 'MCR', 'LSR', 'MSR', 'SCR'];
  const access = fc.tuple(fc.constantFrom(...names), fc.option(fc.integer({ min: 0, max: 0xff })));
  // Up to ten characters at 115200 baud, less than one at 9600.
  const pause = fc.integer({ min: 0, max: 900_000 });
  const typed = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(fc.oneof(access, pause, typed), { maxLength: 80 }), (steps) => {
      const rig = new Rig();
      const reads = steps.flatMap((step) => act(rig, step));
      rig.play('LCR=03 MCR=0b');
      const line = rig.irq.level;
      const iir = rig.ports.read(0x3fa, 1);
      // Longer than all typed characters take at the slowest rate, so that nothing more arrives while we serve.
      rig.clock.advance(1e15);
      // Sixteen bytes, one line status, one THRE and one modem status can be pending.
      const rounds = serve(rig, 20);
      expect(reads.filter((byte) => !Number.isInteger(byte) || byte < 0 || byte > 0xff)).toEqual([]);
      expect([line, iir & 0x30]).toEqual([(iir & 1) === 0, 0]);
      expect([rounds < 20, rig.irq.level]).toEqual([true, false]);
    }),
    { numRuns: 300, seed: 16550 },
  );
});
