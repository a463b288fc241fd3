import { expect, test } from 'vitest';
import { Line } from '../core/line.ts';
import { Rig } from './rig.ts';
import { Uart16550 } from './uart16550.ts';

const COM3 = 0x3e8;

/** COM1 of the rig and COM3 on one wired-OR line, both open, with the THRE interrupt of each ready to be enabled. */
function pair() {
  const rig = new Rig();
  const line = new Line('irq4');
  const levels: boolean[] = [];
  line.onChange = (level) => levels.push(level);
  const [one, two] = ['ttyS0', 'ttyS2'].map((name) => new Uart16550(name, rig.board, line));
  for (const uart of [one!, two!]) uart.write(4, 0x0b, 1); // MCR: DTR, RTS, OUT2
  rig.ports.map(COM3, two!, 'subtractive');
  return { one: one!, two: two!, line, levels };
}

test('a shared line is high until the last port is served: the second port causes no edge', () => {
  const { one, two, line, levels } = pair();
  one.write(1, 0x02, 1); // IER: THRE
  two.write(1, 0x02, 1);
  one.read(2, 1); // IIR
  const between = [line.level, [...levels]];
  two.read(2, 1);
  expect([between, line.level, levels]).toEqual([[true, [true]], false, [true, false]]);
});

test('a port without OUT2, or a closed one, releases the line', () => {
  const { one, two, line } = pair();
  one.write(1, 0x02, 1);
  two.write(1, 0x02, 1);
  two.write(4, 0x03, 1);
  const alone = line.level;
  one.close();
  const nobody = line.level;
  two.write(4, 0x0b, 1);
  expect([alone, nobody, line.level]).toEqual([true, false, true]);
});
