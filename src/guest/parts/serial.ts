import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import { FCR, FIFO_SIZE, IER, IIR, LCR, LSR, MCR, RBR, THR } from '../../serial/registers.ts';
import { detectUart, type UartType } from '../drivers/uart-detect.ts';
import { UartDriver } from '../drivers/uart16550.ts';
import { GuestInterrupts } from '../interrupts/interrupts.ts';
import type { Part } from './part.ts';

/** Interrupt lines of a PC's serial ports, on GCE and elsewhere. */
const CANDIDATES = [3, 4, 5, 6, 7];
/** Ten characters at 115200 baud, in nanoseconds. */
const SOON = 868_000;
const { ETBEI } = IER.mask;
const { OUT2, LOOP } = MCR.mask;

/** Facts about a serial port, from using it. */
export interface SerialFacts {
  readonly port: number;
  readonly type: UartType;
  /** The line on which its interrupt actually came; null if none did. */
  readonly irq: number | null;
  /** Whether data sent in loopback was received. */
  readonly loopback: boolean;
  /** The text that was sent. */
  readonly sent: string;
}

export interface FoundUart {
  readonly port: GuestPort;
  readonly base: number;
  readonly type: UartType;
}

/** The serial ports at a PC's four addresses. */
export const serialPart: Part<FoundUart, SerialFacts> = {
  find: (port) =>
    COM_PORTS.map((base) => ({ port, base, type: detectUart(port, base) }))
      .filter(({ type }) => type !== 'none')
      .map((uart) => ({ at: uart.base, attach: () => uart })),
  probe: (uart, { text }) => probeUart(uart, text),
};

/** Uses a port in every way, and sends `text`. */
function probeUart({ port, base, type }: FoundUart, text: string): SerialFacts {
  const uart = new UartDriver(port, base);
  uart.open();
  const loopback = loopsBack(port, base);
  const irq = findIrq(port, base);
  uart.open();
  if (irq !== null) uart.listen(irq);
  uart.write(new TextEncoder().encode(text));
  uart.close();
  return { port: base, type, irq, loopback, sent: text };
}

/** Raises the transmitter's interrupt and detects its line. */
export function findIrq(port: GuestPort, base: number): number | null {
  const interrupts = GuestInterrupts.of(port);
  let found: number | null = null;
  const stops = CANDIDATES.map((irq) =>
    interrupts.listen(irq, 'edge', () => {
      if ((port.in(base + IIR.offset, 1) & IIR.mask.NONE) === 0) found = irq;
    }),
  );
  port.out(base + MCR.offset, OUT2, 1);
  port.out(base + IER.offset, ETBEI, 1);
  port.wait(() => found !== null, SOON);
  port.out(base + IER.offset, 0, 1);
  for (const stop of stops) stop();
  return found;
}

/** Sends a full FIFO through the loopback. */
export function loopsBack(port: GuestPort, base: number): boolean {
  const mcr = port.in(base + MCR.offset, 1);
  port.out(base + LCR.offset, LCR.encode({ WLS: 3 }), 1);
  port.out(base + FCR.offset, FCR.encode({ ENABLE: 1, RESET_RCVR: 1, RESET_XMIT: 1 }), 1);
  port.out(base + MCR.offset, LOOP, 1);
  // Every bit takes both values.
  const sent = Array.from({ length: FIFO_SIZE }, (_, i) => 0x11 * i);
  for (const byte of sent) port.out(base + THR.offset, byte, 1);
  const came: number[] = [];
  port.wait(() => {
    while (port.in(base + LSR.offset, 1) & LSR.mask.DR) came.push(port.in(base + RBR.offset, 1));
    return came.length >= sent.length;
  }, 4 * SOON);
  port.out(base + MCR.offset, mcr, 1);
  return came.length === sent.length && came.every((byte, i) => byte === sent[i]);
}
