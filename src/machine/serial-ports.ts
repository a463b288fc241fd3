import type { Board } from '../core/board.ts';
import type { Line } from '../core/line.ts';
import { COM_PORTS } from '../core/places.ts';
import type { PortSpace } from '../core/port-space.ts';
import { Uart16550 } from '../serial/uart16550.ts';
import type { MachinePlan } from './machine-plan.ts';
import { UartPort } from './serial.ts';

/** @param irqs the sixteen ISA lines. */
export function makeSerialPorts(
  board: Board,
  ports: PortSpace,
  irqs: readonly Line[],
  { serial }: MachinePlan,
): UartPort[] {
  return COM_PORTS.map((port, index) => {
    const irq = serial.irqs[index]!;
    const uart = new Uart16550(`ttyS${index}`, board, irqs[irq]!, serial.pace);
    ports.map(port, uart, 'subtractive');
    return new UartPort(uart, port, irq, board.clock, serial.keep);
  });
}
