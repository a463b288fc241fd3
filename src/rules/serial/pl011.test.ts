import { describe, expect, test } from 'vitest';
import { Rig } from '../../serial/pl011/rig.ts';

describe('the rules of an Arm UART', () => {
  test('name the character that found no room, by the accesses that led there', () => {
    const rig = new Rig();
    rig.play('34*DR=41 DR=42');

    expect(rig.findings).toEqual([
      "pl011/TX-FULL ttyAMA0: wrote 0x41 'A' to UARTDR while TXFF was set: it is lost",
    ]);
    expect(rig.journal.count('pl011/TX-FULL')).toBe(2);
    expect(rig.journal.findings[0]!.evidence.facts).toEqual([
      'divisor 13.015625: a character takes 86771 ns',
    ]);
  });

  test('leave a driver alone that empties the FIFO without a look', () => {
    const rig = new Rig();
    rig.play('32*DR?');

    expect(rig.findings).toEqual([]);
  });

  test('hold an overrun against a driver that takes characters, and no other', () => {
    const rig = new Rig();
    rig.uart.type('x'.repeat(34));
    rig.characters(40);
    const before = rig.findings;
    rig.play('FR? DR?');
    rig.uart.type('y'.repeat(2));
    rig.characters(3);

    expect(before).toEqual([]);
    expect(rig.findings).toEqual([
      "pl011/OVERRUN ttyAMA0: received 0x79 'y' while the receive FIFO was full: it is lost",
    ]);
  });

  test('let a driver stop that closes the receiver by UARTIMSC', () => {
    const rig = new Rig();
    rig.play('IMSC=50 FR? IMSC=0');
    rig.uart.type('x'.repeat(34));
    rig.characters(40);

    expect(rig.findings).toEqual([]);
  });

  test('know an error that UARTRSR showed after a byte of UARTDR', () => {
    const rig = new Rig();
    for (let i = 0; i < 3; i++) rig.uart.inject(0x55, { parity: true });
    rig.characters(4);
    rig.play('DR?', 1);
    rig.play('RSR?');
    rig.play('DR? DR?', 1);

    expect(rig.findings).toEqual([
      'pl011/ERRORS ttyAMA0: a character was taken with PE by an access of one byte',
    ]);
  });

  test('ask for UARTICR once UARTMIS showed an error, and not for an interrupt that is masked', () => {
    const rig = new Rig();
    rig.uart.inject(0x55, { framing: true });
    rig.characters(2);
    rig.play('DR? IMSC=80 MIS? IMSC=0');
    rig.characters(1000);
    rig.play('FR?');
    const masked = rig.findings;
    rig.play('IMSC=80 MIS?');
    rig.characters(1000);
    rig.play('FR?');

    expect(masked).toEqual([]);
    expect(rig.findings).toEqual([
      'pl011/CLEAR ttyAMA0: FE was there and let through, and UARTICR was not written with it for 50 ms',
    ]);
  });

  test('tell once of a generic UART that is set up', () => {
    const rig = new Rig();
    rig.play('CR=0 IBRD=d FBRD=1 LCR_H=70 CR=301');

    expect(rig.findings).toEqual([
      'pl011/GENERIC ttyAMA0: UARTCR was accessed, which the generic UART need not have',
    ]);
    expect(rig.journal.count('pl011/GENERIC')).toBe(1);
  });

  test('take a whole PL011 that is set up in its order', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('DR=41');
    rig.characters(3);
    rig.open();

    expect(rig.findings).toEqual([]);
  });

  test('count what waits in the FIFO of a PL011 that is enabled again, without what was written meanwhile', () => {
    const rig = new Rig({ whole: true }).open();
    rig.play('DR=41 DR=42 DR=43');
    rig.characters(1);
    rig.play('CR=0 DR=44 CR=301');

    expect(rig.findings).toEqual([
      'pl011/FLUSH ttyAMA0: UARTEN was set with 2 characters in the FIFO that waited when it was cleared',
    ]);
  });
});
