import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

/** A UART before the 16550A: NS16450, where offset 2 is IIR, read only, with 0 in bits 7:3. */
const rig = () => new Rig({ fifo: false }).open();

test('without FIFOs a write of FCR changes nothing, and IIR has 0 in bits 7:6', () => {
  expect(rig().play('FCR=c7 IIR? IER=02 IIR? IIR?')).toEqual([0x01, 0x02, 0x01]);
});

test('without FIFOs there is room for one byte to send, beside the one that is being sent', () => {
  const port = rig();
  port.play('FCR=07 THR=41');
  port.characters(0.5);
  port.play('THR=42 THR=43');
  port.characters(3);

  expect(port.screen.text).toBe('AC');
  expect(port.journal.findings.map(({ clause }) => clause)).toEqual(['uart/THR-FULL']);
});

test('without FIFOs a byte is ready as soon as it came, whatever the trigger', () => {
  const port = rig();
  port.play('FCR=c7 IER=01');
  port.uart.type('a');
  port.characters(1);

  expect([port.irq.level, ...port.play('IIR? RBR? IIR?')]).toEqual([true, 0x04, 0x61, 0x01]);
});
