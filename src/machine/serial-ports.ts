import type { Board } from '../core/board.ts';
import type { Line } from '../core/line.ts';
import type { PortSpace } from '../core/port-space.ts';
import { Uart16550 } from '../serial/uart16550.ts';
import type { MachinePlan } from './machine-plan.ts';
import { UartPort } from './serial.ts';
import { watchUart } from './watches.ts';

/** COM1 to COM4. */
const PORTS = [0x3f8, 0x2f8, 0x3e8, 0x2e8] as const;

/** @param irqs the sixteen ISA lines. */
export function makeSerialPorts(
  board: Board,
  ports: PortSpace,
  irqs: readonly Line[],
  { serial, judge }: MachinePlan,
): UartPort[] {
  return PORTS.map((port, index) => {
    const irq = serial.irqs[index]!;
    const uart = new Uart16550(`ttyS${index}`, board, irqs[irq]!, serial.pace);
    if (judge) watchUart(uart, board.journal);
    ports.map(port, uart, 'subtractive');
    return new UartPort(uart, port, irq, board.clock);
  });
}
