import { describe, expect, test } from 'vitest';
import type { Finding } from '../../core/finding.ts';
import { Rig } from '../../serial/rig.ts';

describe('uart/DIVISOR', () => {
  test('is met by the first THR write after the latch was closed, and broken with a divisor of 0', () => {
    const rig = new Rig();
    rig.play('LCR=83');
    const open = rig.journal.reached('uart/DIVISOR');
    rig.play('DLL=00 DLM=00 LCR=03');
    const closed = [rig.journal.reached('uart/DIVISOR'), rig.journal.count('uart/DIVISOR')];
    rig.play('40*THR=41');
    expect([open, closed]).toEqual([false, [false, 0]]);
    expect(rig.journal.findings.map(({ clause, subject, said }) => [clause, subject, said])).toEqual([
      ['uart/DIVISOR', 'ttyS0', 'THR was written with DLL and DLM at 00: nothing is sent'],
    ]);
  });

  test('shows the write that broke it', () => {
    const rig = new Rig();
    rig.play('LCR=83 DLL=00 LCR=03 THR=41');
    expect(rig.journal.findings[0]!.evidence.accesses.map(({ text }) => text)).toEqual([
      'ttyS0 LCR ← 83  WLS=3 DLAB',
      'ttyS0 DLL ← 00',
      'ttyS0 LCR ← 03  WLS=3',
      "ttyS0 THR ← 41  'A'",
    ]);
  });

  test('is judged again after the latch was opened again', () => {
    const rig = new Rig().open();
    rig.play('THR=41');
    rig.characters(2);
    rig.play('LCR=83 DLL=00 LCR=03 THR=41');
    expect(rig.journal.count('uart/DIVISOR')).toBe(1);
  });

  test('is not met by a driver that never opens the latch', () => {
    const rig = new Rig();
    rig.play('LCR=03 THR=41');
    expect(rig.journal.reached('uart/DIVISOR')).toBe(false);
  });

  test('is kept by a driver that passes through 0 while it sets the latch', () => {
    const rig = new Rig();
    rig.play('LCR=83 DLL=00 DLM=03 LCR=03 THR=41');
    expect([rig.journal.reached('uart/DIVISOR'), rig.journal.findings]).toEqual([true, []]);
  });
});

describe('uart/THR-FULL', () => {
  test('is broken by the seventeenth byte in a row, with the FIFO on', () => {
    const rig = new Rig().open();
    rig.uart.write(2, 0x01, 1);
    for (let i = 0; i < 17; i++) rig.uart.write(0, 0x41 + i, 1); // no time passes: none has started yet
    expect(rig.journal.of('uart/THR-FULL').map(({ said, evidence }) => [said, evidence.facts])).toEqual([
      [
        "wrote 0x51 'Q' to THR while 16 bytes were waiting in the FIFO: 'Q' is lost",
        ['divisor 1: a character takes 86806 ns'],
      ],
    ]);
  });

  test('is broken by the second byte in a row, with the FIFO off', () => {
    const rig = new Rig().open();
    rig.play('THR=41 THR=42');
    expect(rig.journal.of('uart/THR-FULL').map(({ said }) => said)).toEqual([
      "wrote 0x42 'B' to THR while 0x41 'A' was still waiting: 'A' is lost",
    ]);
  });

  test('is one finding, whatever bytes are lost', () => {
    const rig = new Rig().open();
    rig.play('THR=41 THR=0a THR=43 THR=44');
    expect(rig.journal.of('uart/THR-FULL').map(({ count, said }) => [count, said])).toEqual([
      [3, "wrote 0x0a to THR while 0x41 'A' was still waiting: 'A' is lost"],
    ]);
  });

  test('is met and kept by a driver that waits for THRE and then writes sixteen', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 16*THR=41');
    rig.characters(17);
    rig.play('16*THR=42');
    expect([rig.journal.reached('uart/THR-FULL'), rig.journal.findings]).toEqual([true, []]);
  });
});

describe('uart/OVERRUN', () => {
  test('is broken when a byte comes and there is no room, with the FIFO on', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=01');
    rig.uart.type('0123456789abcdefX');
    rig.characters(17);
    expect(rig.journal.of('uart/OVERRUN').map(({ said }) => said)).toEqual([
      "received 0x58 'X' while 16 bytes were waiting in the FIFO: 'X' is lost",
    ]);
  });

  test('is broken when a byte comes before the last was read, with the FIFO off', () => {
    const rig = new Rig().open();
    rig.play('IER=01');
    rig.uart.type('ab');
    rig.characters(2);
    expect(rig.journal.of('uart/OVERRUN').map(({ said }) => said)).toEqual([
      "received 0x62 'b' while 0x61 'a' was still waiting: 'a' is lost",
    ]);
  });

  test('shows when the guest looked at the port last', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=01 LSR? 6*SCR?');
    rig.uart.type('x'.repeat(17));
    rig.characters(17);

    const [{ at, evidence }] = rig.journal.of('uart/OVERRUN') as [Finding];

    const [looked] = evidence.accesses;
    expect([looked!.text.slice(0, 9), evidence.facts.at(-1)]).toEqual([
      'ttyS0 LSR',
      `the guest last looked at the port ${at - looked!.at} ns before`,
    ]);
  });

  test('is one finding, whatever bytes are lost', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=01');
    rig.uart.type('0123456789abcdefXYZ');
    rig.characters(19);

    expect(rig.journal.of('uart/OVERRUN').map(({ count, said }) => [count, said.slice(0, 17)])).toEqual([
      [3, "received 0x58 'X'"],
    ]);
  });

  test('is broken by a guest that polls and stops to, too', () => {
    const rig = new Rig().open();
    rig.uart.type('abc');
    rig.characters(1);
    rig.play('LSR? RBR?');
    rig.characters(2);
    expect(rig.journal.count('uart/OVERRUN')).toBe(1);
  });

  test('is broken by a guest that turns the interrupt off for long: it still counts as a receiver', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 IER=01 IER=00');
    rig.uart.type('x'.repeat(17));
    rig.characters(17);
    expect(rig.journal.count('uart/OVERRUN')).toBe(1);
  });

  test.each([
    ['sets a trigger level while a byte waits', 'LSR? RBR?', 'FCR=01'],
    ['empties the receiver but wants the interrupt', 'IER=01', 'FCR=03'],
  ])('is broken by a guest that %s: it did not let go', (_what, before, after) => {
    const rig = new Rig().open();
    rig.play('FCR=01');
    rig.uart.type('ab');
    rig.characters(2);
    rig.play(`${before} ${after}`);
    rig.uart.type('x'.repeat(17));
    rig.characters(17);
    expect(rig.journal.count('uart/OVERRUN')).toBeGreaterThan(0);
  });

  test.each([
    ['a port that the guest has not opened', ''],
    ['a port whose empty buffer it read', 'RBR?'],
    // A character takes 87 accesses.
    ['a port that it only tried in loopback', 'MCR=1b THR=41 120*SCR? RBR? MCR=0b'],
    ['a port that it only prints on, DR in each LSR it polls', 'FCR=01 LSR? THR=41 LSR?'],
    ['a port whose FIFOs it emptied after it turned the interrupt off', 'FCR=01 IER=01 IER=00 FCR=07'],
    ['a port that it closed without a FIFO, by DTR', 'IER=01 IER=00 MCR=00'],
  ])('is not met on %s', (_which, script) => {
    const rig = new Rig().open();
    rig.play(script);
    rig.uart.type('x'.repeat(40));
    rig.characters(40);
    expect(rig.play('LSR?')[0]! & 0x02).toBe(0x02);
    expect([rig.journal.reached('uart/OVERRUN'), rig.journal.findings]).toEqual([false, []]);
  });

  test('is not met on a port that was reset since', () => {
    const rig = new Rig().open();
    rig.play('IER=01');
    rig.uart.reset('hard');
    rig.uart.type('ab');
    rig.characters(2);
    expect(rig.journal.reached('uart/OVERRUN')).toBe(false);
  });

  test('is met and kept by a driver that reads in time', () => {
    const rig = new Rig().open();
    rig.uart.type('ab');
    rig.characters(1);
    rig.play('RBR?');
    rig.characters(1);
    expect([rig.journal.reached('uart/OVERRUN'), rig.journal.findings]).toEqual([true, []]);
  });
});

test('in loopback neither a full transmitter nor an overrun is a mistake', () => {
  const rig = new Rig().open();
  rig.play('FCR=07 MCR=10 256*THR=00');
  rig.characters(40);
  rig.uart.type('lost');
  rig.characters(4);
  expect(rig.journal.findings).toEqual([]);
});
