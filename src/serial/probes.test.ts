import { describe, expect, test } from 'vitest';
import { LSR } from './registers.ts';
import { Rig } from './rig.ts';

const { OE, TEMT } = LSR.mask;

describe('Linux', () => {
  test('finds a port: IER holds its four low bits', () => {
    expect(new Rig().play('IER? IER=00 IER? IER=0f IER? IER=00')).toEqual([0x00, 0x00, 0x0f]);
  });

  test('finds the loopback: MCR = 1A reads as DCD and CTS', () => {
    const reads = new Rig().play('MCR? LCR? MCR=1a MSR?');
    expect(reads[2]! & 0xf0).toBe(0x90);
  });

  test('finds a 16550A, not a 16550, after it turned the FIFO off through LCR = BF', () => {
    expect(new Rig().play('LCR=bf FCR=00 LCR=00 FCR=01 IIR?')[0]! & 0xc0).toBe(0xc0);
  });

  test('finds no ST16650: offset 2 is never zero with DLAB set', () => {
    expect(new Rig().play('FCR=01 LCR=80 IIR? LCR=bf IIR? LCR=00')).toEqual([0xc1, 0xc1]);
  });

  test('finds no NatSemi SuperIO: offset 2 does not follow LOOP', () => {
    expect(new Rig().play('FCR=01 LCR=00 MCR? LCR=e0 IIR? MCR=10 IIR? MCR=00 LCR=00')).toEqual([
      0, 0xc1, 0xc1,
    ]);
  });

  test('finds no 16750: bit 5 of FCR does not show, with DLAB or without', () => {
    const reads = new Rig().play('LCR=00 FCR=21 IIR? FCR=01 LCR=80 FCR=21 IIR? FCR=01 LCR=00');
    expect(reads.map((iir) => iir & 0xe0)).toEqual([0xc0, 0xc0]);
  });

  test('finds no 16C950: what goes through SCR and offset 5 is no register of another bank', () => {
    // SCR = 08 names ID1; ACR, index 0, with bit 6 would open the bank at offset 5.
    expect(new Rig().play('LCR=00 SCR=00 LSR=40 SCR=08 LSR? SCR=00 LSR=00 SCR?')).toEqual([0x60, 0x00]);
  });

  test('finds no XScale: bit 6 of IER does not stay', () => {
    expect(new Rig().play('IER=40 IER? IER=00')).toEqual([0x00]);
  });

  test('counts sixteen bytes of FIFO from 256 written in loopback without waiting', () => {
    const rig = new Rig();
    rig.play('FCR=01 FCR=07 MCR=10 LCR=80 DLL=01 DLM=00 LCR=00 256*THR=00');
    rig.clock.advance(20e6);
    const count = rig.drain().length;
    rig.play('FCR=c1 LCR=80 DLL=0c DLM=00 LCR=00 MCR=00 FCR=01 FCR=07 FCR=00 RBR? IER=00');
    expect([count, ...rig.play('IIR? LSR?')]).toEqual([16, 0x01, 0x60]);
  });

  test('starts the port and finds no bug: THRE is reasserted, and TEMT comes with an interrupt', () => {
    const rig = new Rig().open();
    const status = rig.play('FCR=01 FCR=07 FCR=00 LSR? RBR? IIR? MSR?');
    const reasserted = rig.play('IER=02 IIR? IER=00 IER=02 IIR? IER=00');
    const transmits = rig.play('LCR=03 MCR=0b IER=02 LSR? IIR? IER=00');
    rig.play('LSR? RBR? IIR? MSR? IER=05 FCR=81');
    expect(status[0]).not.toBe(0xff);
    expect([reasserted, transmits]).toEqual([
      [0x02, 0x02],
      [0x60, 0x02],
    ]);
    expect(rig.journal.findings).toEqual([]);
  });

  test('keeps its tty going after a console write, which turned ETBEI off and on', () => {
    const rig = new Rig().open();
    rig.play('FCR=81 IER=07 IIR?');
    rig.play('IER? IER=00 THR=41');
    rig.characters(2);
    expect(rig.play('LSR? IER=07 IIR?')).toEqual([0x60, 0xc2]);
  });

  test('finds the interrupt of the port by a THR write', () => {
    const rig = new Rig();
    rig.play('MCR=0c MCR=00 MCR=0b IER=0f LSR? RBR? IIR? MSR? THR=ff');
    rig.clock.advance(2e6); // 9600 baud: a bit takes 104 µs
    expect([rig.levels.includes(true), rig.irq.level]).toEqual([true, true]);
  });
});

/** Sends zeros in loopback, waiting for TEMT each time, until OE; at most 260. The reads of LSR are OR-ed. */
function countToOverrun(rig: Rig): { count: number; polls: number } {
  const tenth = 8681;
  let polls = 0;
  for (let count = 1; count <= 260; count++) {
    rig.play('THR=00');
    let lsr = 0;
    for (let poll = 0; poll < 30 && (lsr & TEMT) === 0; poll++) {
      rig.clock.advance(tenth);
      lsr |= rig.play('LSR?')[0]!;
      polls = Math.max(polls, poll + 1);
    }
    if ((lsr & OE) !== 0) return { count, polls };
  }
  return { count: 0, polls };
}

/** Reads IIR and the register of the reported interrupt until nothing is pending; returns how many rounds, at most 100. */
function drainInterrupts(rig: Rig): number {
  for (let rounds = 0; rounds < 100; rounds++) {
    const iir = rig.play('IIR?')[0]!;
    if ((iir & 1) !== 0) return rounds;
    rig.play('LSR? RBR? MSR?');
  }
  return 100;
}

describe('FreeBSD', () => {
  test('finds a port: the bits that a 16550A does not have read 0', () => {
    const [, ier, iir, mcr] = new Rig().play('LCR? LCR=00 IER? IIR? MCR?');
    expect([ier! & 0xf0, iir! & 0x30, mcr! & 0xe0]).toEqual([0, 0, 0]);
  });

  test('drains the interrupts of a port that was left in any state', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=0f 16*THR=41');
    rig.uart.type('left over');
    rig.uart.modem({ DCD: false });
    rig.characters(20);
    rig.play('IER=0f');
    expect([drainInterrupts(rig) < 100, rig.irq.level]).toEqual([true, false]);
  });

  test('counts seventeen bytes to the overrun, each sent within thirty polls: a 16550 or compatible', () => {
    const rig = new Rig();
    rig.play('LCR=80 DLL=01 DLM=00 LCR=03 IER=00 FCR=00 MCR=0b');
    drainInterrupts(rig);
    const fifo = rig.play('MCR=1b FCR=01 IIR?')[0]! & 0xc0;
    rig.play('FCR=07');
    drainInterrupts(rig);
    const { count, polls } = countToOverrun(rig);
    expect([fifo, count, polls <= 30]).toEqual([0xc0, 17, true]);
    expect(rig.journal.findings).toEqual([]);
  });
});

describe('NetBSD', () => {
  test('finds a port: LCR reads back and IIR has no bit of 38', () => {
    const [lcr, iir] = new Rig().play('LCR=03 FCR=00 LCR? IIR?');
    expect([lcr, iir! & 0x38]).toEqual([0x03, 0]);
  });

  test('finds no 16650 or 16750: EFR is not there, bit 5 of IIR does not come', () => {
    const rig = new Rig();
    const efr = rig.play('LCR=bf FCR=00 IIR? LCR=03');
    const wide = rig.play('LCR=80 FCR=21 IIR? FCR=00 LCR=03');
    expect([efr, wide[0]! & 0x20]).toEqual([[0x01], 0]);
  });

  test('finds a working FIFO: FCR = C7 shows in IIR, twice', () => {
    const rig = new Rig();
    rig.play('LCR=03 IER=00 FCR=c7');
    rig.clock.advance(100_000);
    const reads = rig.play('IIR? IIR?');
    rig.play('FCR=00 IER=00');
    expect([reads.map((iir) => iir & 0xc0), rig.play('IIR?')]).toEqual([[0xc0, 0xc0], [0x01]]);
  });
});

test('SeaBIOS finds a port: IER = 02 reads back and THRE is pending at once', () => {
  const [ier, iir] = new Rig().play('IER=02 IER? IIR? IER=00');
  expect([ier, iir! & 0x3f]).toEqual([0x02, 0x02]);
});
