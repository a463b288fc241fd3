import { describe, expect, test } from 'vitest';
import { Rig } from '../../serial/rig.ts';

const broken = (rig: Rig) => {
  rig.journal.end();
  return rig.journal.findings.map(({ clause }) => clause);
};

describe('a good driver is not accused', () => {
  test.each([
    [
      'sends 00 in loopback until the receiver overruns, as FreeBSD does',
      'MCR=1b FCR=07 20*THR=00 MCR=0b FCR=07',
    ],
    [
      'counts the FIFO in loopback and reads it back, as Linux does',
      'FCR=07 MCR=10 16*THR=a5 200*LSR? RBR? MCR=0b',
    ],
    ['empties a receiver that has nothing', 'LSR? RBR? IIR? MSR?'],
    ['opens the latch for the divisor that it has', 'THR=41 LCR=83 DLL=01 DLM=00 LCR=03'],
    ['opens the latch by a format of five bits', 'THR=41 LCR=80 DLL=01 DLM=00 LCR=03'],
    ['has another format once all was sent', 'THR=41 400*LSR? LCR=1a'],
    ['looks for the registers of a 16650', 'LCR=bf FCR=10 LCR=03'],
    ['finds the revision of a 16C850', 'LCR=83 DLL=00 DLM=00 DLL? DLM? DLL=01 DLM=01 LCR=03'],
    ['sends 00 as pads while break is on', 'LCR=43 THR=00 LCR=03'],
    [
      'turns break on behind a pad, and off once that is sent',
      'THR=41 400*LSR? THR=00 LCR=43 400*LSR? LCR=03',
    ],
    ['turns loopback on once all was sent', 'THR=41 400*LSR? MCR=10 MCR=0b'],
  ])('that %s', (_what, script) => {
    const rig = new Rig().open();
    rig.play(script);
    expect(broken(rig)).toEqual([]);
  });

  test('that sets seven bits and sends ASCII', () => {
    const rig = new Rig().open();
    rig.play('LCR=02 THR=7e');
    expect(broken(rig)).toEqual([]);
  });
});

describe('a broken one is', () => {
  test.each([
    ['uart/WORD', 'LCR=00 THR=41'],
    ['uart/BREAK', 'LCR=43 THR=41'],
    ['uart/BREAK', 'FCR=01 4*THR=41 LCR=43'],
    ['uart/LOOPBACK-BUSY', 'FCR=01 4*THR=41 MCR=10'],
    ['uart/LOOPBACK', 'MCR=10 THR=41'],
    ['uart/LOOPBACK', 'MCR=10 THR=41 200*LSR? RBR?'],
    ['uart/FIFO-RESET', 'FCR=01 4*THR=41 FCR=05'],
    ['uart/FIFO-RESET', 'FCR=01 4*THR=41 FCR=00'],
    ['uart/FORMAT-BUSY', 'THR=41 LCR=1a'],
    ['uart/FCR-ENABLE', 'FCR=c6'],
    ['uart/DLAB', 'LCR=83 DLL=01 DLM=00 DLM=05 LCR=03'],
    ['uart/DIVISOR-BUSY', 'THR=41 LCR=83 DLL=02 LCR=03'],
  ])('by %s: %s', (clause, script) => {
    const rig = new Rig().open();
    rig.play(script);
    expect(broken(rig)).toEqual([clause]);
  });

  test('by uart/RBR-TWICE, where it reads a character twice', () => {
    const rig = new Rig().open();
    rig.uart.type('a');
    rig.characters(2);
    rig.play('LSR? RBR? RBR? LSR?');
    expect(broken(rig)).toEqual(['uart/RBR-TWICE']);
  });

  test('by uart/RBR-TWICE, where it reads more than there is at each interrupt', () => {
    const rig = new Rig().open();
    rig.play('FCR=07 LSR?');
    for (let turn = 0; turn < 3; turn++) {
      rig.uart.type('abc');
      rig.characters(4);
      rig.play('IIR? 8*RBR?');
    }
    rig.play('IIR?');
    expect(broken(rig)).toEqual(['uart/RBR-TWICE']);
  });

  test.each([
    ['a character', 0x3f8, 0x41],
    ['IER', 0x3f9, 0x0700],
    ['FCR', 0x3fa, 0x0307],
    ['LCR', 0x3fb, 0x0b03],
  ])('by uart/WIDTH, where it writes %s by a word', (_what, port, value) => {
    const rig = new Rig().open();
    rig.ports.write(port, value, 2);
    expect(broken(rig)).toEqual(['uart/WIDTH']);
  });

  test('by nothing, where it writes the divisor by a word', () => {
    const rig = new Rig().open();
    rig.play('LCR=83');
    rig.ports.write(0x3f8, 0x0001, 2);
    rig.play('LCR=03');
    expect(broken(rig)).toEqual([]);
  });

  test('by nothing, where it opens a port by reading twice what was there', () => {
    const rig = new Rig().open();
    rig.uart.type('a');
    rig.characters(2);
    rig.play('RBR? RBR? LSR?');
    expect(broken(rig)).toEqual([]);
  });
});
