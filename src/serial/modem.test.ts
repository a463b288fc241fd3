import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';

describe('loopback', () => {
  test.each([
    // MCR with LOOP, and the modem inputs shown in MSR.
    ['none', '10', 0x00],
    ['DTR is DSR', '11', 0x20],
    ['RTS is CTS', '12', 0x10],
    ['OUT1 is RI', '14', 0x40],
    ['OUT2 is DCD', '18', 0x80],
    ['all', '1f', 0xf0],
  ])('feeds the outputs to the inputs: %s', (_what, mcr, lines) => {
    const rig = new Rig();
    expect(rig.play(`MCR=${mcr} MSR?`)[0]! & 0xf0).toBe(lines);
  });

  test('shows the real inputs again when it ends', () => {
    expect(new Rig().play('MCR=10 MCR=00 MSR? MSR?')).toEqual([0xbb, 0xb0]);
  });

  test('feeds the transmitter to the receiver, at line speed, and sends nothing out', () => {
    const rig = new Rig().open();
    rig.play('FCR=01 MCR=1b THR=55');
    const early = rig.play('LSR?');
    rig.characters(2);
    expect([early, rig.play('LSR? RBR?'), rig.screen.text]).toEqual([[0x00], [0x61, 0x55], '']);
  });

  test('disconnects the receiver from the line', () => {
    const rig = new Rig().open();
    rig.play('MCR=1b');
    rig.uart.type('a');
    rig.characters(2);
    expect(rig.drain()).toEqual([]);
  });

  test('overruns like the line', () => {
    const rig = new Rig().open();
    rig.play('MCR=1b 2*THR=41');
    rig.characters(2);
    rig.play('THR=42');
    rig.characters(2);
    expect(rig.play('LSR? RBR?')).toEqual([0x63, 0x42]);
  });
});

describe('modem status', () => {
  test.each([
    ['CTS off', { CTS: false }, 0xa1],
    ['DSR off', { DSR: false }, 0x92],
    ['DCD off', { DCD: false }, 0x38],
    ['RI on, which is no event', { RI: true }, 0xf0],
  ])('shows %s until it is read', (_what, inputs, msr) => {
    const rig = new Rig();
    rig.uart.modem(inputs);
    expect(rig.play('MSR? MSR?')).toEqual([msr, msr & 0xf0]);
  });

  test('reports the end of a ring, not its start', () => {
    const rig = new Rig();
    rig.uart.modem({ RI: true });
    const ringing = rig.play('MSR?');
    rig.uart.modem({ RI: false });
    expect([ringing, rig.play('MSR? MSR?')]).toEqual([[0xf0], [0xb4, 0xb0]]);
  });

  test('keeps an event even if the line changes back', () => {
    const rig = new Rig();
    rig.uart.modem({ CTS: false });
    rig.uart.modem({ CTS: true });
    expect(rig.play('MSR?')).toEqual([0xb1]);
  });

  test('accumulates events until it is read', () => {
    const rig = new Rig();
    rig.uart.modem({ CTS: false });
    rig.uart.modem({ DSR: false });
    expect(rig.play('MSR?')).toEqual([0x83]);
  });

  test('interrupts with EDSSI, until MSR is read', () => {
    const rig = new Rig().open();
    rig.play('IER=08');
    rig.uart.modem({ DCD: false });
    expect(rig.play('IIR? MSR? IIR?')).toEqual([0x00, 0x38, 0x01]);
    expect(rig.levels).toEqual([true, false]);
  });

  test('changes of loopback are events too', () => {
    const rig = new Rig().open();
    expect(rig.play('IER=08 MCR=1a IIR? MSR? IIR?')).toEqual([0x00, 0x92, 0x01]);
  });
});
