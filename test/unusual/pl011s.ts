import type { DriverModel } from '../../src/conformance/index.ts';
import { PL011_PLACES } from '../../src/core/places.ts';
import type { GuestPort } from '../../src/guest/index.ts';
import * as reg from '../../src/serial/pl011/registers.ts';

const [BASE] = PL011_PLACES;
const { RXFE, TXFF, TXFE, BUSY } = reg.UARTFR.mask;
const { RX, TX, RT } = reg.UARTRIS.mask;
const ON = reg.UARTCR.encode({ UARTEN: 1, TXE: 1, RXE: 1 });
const FORMAT = reg.UARTLCR_H.encode({ FEN: 1, WLEN: 3 });
const ALL = 0xffff;
const SECOND = 1_000_000_000;
const HELLO = new TextEncoder().encode('hello');

interface Place {
  readonly offset: number;
}

/** The registers of the first UART, by accesses of so many bytes. */
class Registers {
  readonly port: GuestPort;
  private readonly width: 2 | 4;

  constructor(port: GuestPort, width: 2 | 4) {
    this.port = port;
    this.width = width;
  }

  get({ offset }: Place): number {
    return this.port.read(BASE + offset, this.width);
  }

  put({ offset }: Place, value: number): void {
    this.port.write(BASE + offset, value, this.width);
  }

  until(flag: number, level: number): void {
    this.port.wait(() => (this.get(reg.UARTFR) & flag) === level, SECOND);
  }
}

/** The ways in which drivers differ. */
interface Ways {
  readonly width?: 2 | 4;
  readonly begin: (uart: Registers) => void;
  readonly print?: (uart: Registers, text: Uint8Array) => void;
  readonly poll?: (uart: Registers, inbox: number[]) => void;
}

function printEach(uart: Registers, text: Uint8Array): void {
  for (const byte of text) {
    uart.until(TXFF, 0);
    uart.put(reg.UARTDR, byte);
  }
}

function drain(uart: Registers, inbox: number[]): void {
  while ((uart.get(reg.UARTFR) & RXFE) === 0) inbox.push(uart.get(reg.UARTDR) & 0xff);
}

function driver(name: string, { width = 4, begin, print = printEach, poll = drain }: Ways): DriverModel {
  let uart: Registers;
  let inbox: number[] = [];
  return {
    name,
    drivers: [],
    run: (port) => {
      inbox = [];
      uart = new Registers(port, width);
      begin(uart);
      print(uart, HELLO);
    },
    use: {
      print: (text) => print(uart, text),
      key: () => {
        poll(uart, inbox);
        return inbox.shift() ?? null;
      },
    },
  };
}

/** What an interrupt handler in the order of Linux's does: RIS and its own mask, UARTICR for all but the FIFOs' interrupts. */
function serves(uart: Registers, inbox: number[]): void {
  const shown = uart.get(reg.UARTRIS) & uart.get(reg.UARTIMSC);
  uart.put(reg.UARTICR, shown & ~(RX | TX | RT));
  drain(uart, inbox);
}

function opensAsLinux(uart: Registers): void {
  uart.put(reg.UARTICR, ALL & ~TX);
  uart.put(reg.UARTICR, RT | RX);
  drain(uart, []);
  uart.put(reg.UARTIMSC, RT | RX);
}

/** Waits for the last bit behind each line. */
function printsAndWaits(uart: Registers, text: Uint8Array): void {
  printEach(uart, text);
  uart.until(BUSY, 0);
}

/** A full FIFO at once, whenever it is empty. */
function printsByFifo(uart: Registers, text: Uint8Array): void {
  for (let at = 0; at < text.length; at += reg.PL011_FIFO) {
    uart.until(TXFE, TXFE);
    for (const byte of text.subarray(at, at + reg.PL011_FIFO)) uart.put(reg.UARTDR, byte);
  }
}

/** Errors by UARTRSR, which is cleared each time. */
function drainsByBytes({ port }: Registers, inbox: number[]): void {
  while ((port.read(BASE + reg.UARTFR.offset, 1) & RXFE) === 0) {
    inbox.push(port.read(BASE + reg.UARTDR.offset, 1));
    if (port.read(BASE + reg.UARTRSR.offset, 1) !== 0) port.write(BASE + reg.UARTRSR.offset, 0, 1);
  }
}

/** Good drivers of generic UARTs. */
export const GENERIC_UARTS: readonly DriverModel[] = [
  driver('a generic UART that is only used', { begin: () => {} }),
  driver('a generic UART in the order of Linux', {
    begin: opensAsLinux,
    print: printsAndWaits,
    poll: serves,
  }),
  driver('a generic UART by sixteen bits, a FIFO at once', {
    width: 2,
    begin: () => {},
    print: printsByFifo,
  }),
  driver('a generic UART by single bytes', { begin: () => {}, poll: drainsByBytes }),
];

/** Good drivers of whole PL011s. */
export const WHOLE_PL011S: readonly DriverModel[] = [
  driver('a PL011 in the order of EDK II', {
    begin: (uart) => {
      uart.until(BUSY, 0);
      uart.put(reg.UARTCR, 0);
      for (const [register, value] of [
        [reg.UARTIBRD, 13],
        [reg.UARTFBRD, 1],
        [reg.UARTLCR_H, FORMAT],
        [reg.UARTRSR, 0],
        [reg.UARTCR, ON],
      ] as const)
        uart.put(register, value);
    },
  }),
  driver('a PL011 in the order of Linux, by sixteen bits', {
    width: 2,
    begin: (uart) => {
      uart.put(reg.UARTIMSC, 0);
      uart.put(reg.UARTICR, ALL);
      uart.put(reg.UARTIFLS, reg.UARTIFLS.reset);
      const kept = uart.get(reg.UARTCR);
      uart.put(reg.UARTCR, 0);
      uart.put(reg.UARTFBRD, 1);
      uart.put(reg.UARTIBRD, 13);
      uart.put(reg.UARTLCR_H, FORMAT);
      uart.put(reg.UARTCR, kept | ON | reg.UARTCR.encode({ DTR: 1, RTS: 1 }));
      opensAsLinux(uart);
    },
    print: printsAndWaits,
    poll: serves,
  }),
  driver('a PL011 without FIFOs', {
    begin: (uart) => {
      uart.until(BUSY, 0);
      uart.put(reg.UARTCR, 0);
      uart.put(reg.UARTIBRD, 13);
      uart.put(reg.UARTLCR_H, reg.UARTLCR_H.encode({ WLEN: 3 }));
      uart.put(reg.UARTCR, ON);
    },
  }),
  driver('a PL011 whose FIFO is filled before it is enabled', {
    begin: (uart) => {
      uart.until(BUSY, 0);
      uart.put(reg.UARTCR, 0);
      uart.put(reg.UARTIBRD, 13);
      uart.put(reg.UARTLCR_H, FORMAT);
      printEach(uart, HELLO);
      uart.put(reg.UARTCR, ON);
    },
  }),
];
