import type { MmioSpace, PortSpace } from '../core/address-space.ts';
import type { Board } from '../core/board.ts';
import { Line } from '../core/line.ts';
import { COM_PORTS, PL011_PLACES } from '../core/places.ts';
import { Pl011 } from '../serial/pl011/pl011.ts';
import { Uart16550 } from '../serial/uart16550.ts';
import type { MachinePlan } from './machine-plan.ts';
import { type Uart, UartPort } from './serial.ts';

/** The four serial ports of a PC. @param irqs the sixteen ISA lines. */
export function pcSerialPorts(
  board: Board,
  ports: PortSpace,
  irqs: readonly Line[],
  { serial }: MachinePlan,
): UartPort[] {
  return COM_PORTS.map((port, index) => {
    const uart = new Uart16550(`ttyS${index}`, board, irqs[serial.irqs[index]!]!, serial);
    ports.map(port, uart, 'subtractive');
    return portOf(uart, port, index, board, serial);
  });
}

/** The four of an Arm. */
export function armSerialPorts(board: Board, mmio: MmioSpace, { serial }: MachinePlan): UartPort[] {
  return PL011_PLACES.map((address, index) => {
    const uart = new Pl011(`ttyAMA${index}`, board, new Line(`GSI${serial.irqs[index]}`), serial);
    mmio.map(address, uart);
    return portOf(uart, address, index, board, serial);
  });
}

function portOf(
  uart: Uart,
  at: number,
  index: number,
  { clock }: Board,
  { irqs, keep }: MachinePlan['serial'],
): UartPort {
  return new UartPort(uart, at, irqs[index]!, clock, keep);
}
