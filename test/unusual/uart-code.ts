import type { GuestPort } from '../../src/index.ts';
import { outs, SECOND, type UnusualCode } from './pc-ports.ts';

export const [COM1, COM2] = [0x3f8, 0x2f8];

/** LCR with DLAB, the divisor, and the format. */
export function setUpUart(port: GuestPort, base: number, divisor: number, lcr: number): void {
  outs(port, [base + 3, lcr | 0x80], [base, divisor & 0xff], [base + 1, divisor >> 8], [base + 3, lcr]);
}

export function write(port: GuestPort, base: number, text: string): void {
  for (const byte of new TextEncoder().encode(text)) {
    port.wait(() => (port.in(base + 5, 1) & 0x20) !== 0, SECOND);
    port.out(base, byte, 1);
  }
}

/** All has been sent. */
export function drain(port: GuestPort, base: number): void {
  port.wait(() => (port.in(base + 5, 1) & 0x60) === 0x60, SECOND);
}

/** Code of the serial ports. */
export const UART_CODE: readonly UnusualCode[] = [
  {
    name: 'sends at 9600 baud, seven bits and even parity',
    run: (port) => {
      setUpUart(port, COM1, 12, 0x1a);
      write(port, COM1, 'hi');
      drain(port, COM1);
    },
  },
  {
    name: 'finds out what UART it is, as Linux does',
    run: (port) => {
      const at = (offset: number) => port.in(COM2 + offset, 1);
      outs(port, [COM2 + 1, 0]);
      at(1);
      outs(port, [COM2 + 1, 0x0f]);
      at(1);
      outs(port, [COM2 + 1, 0]);
      const mcr = at(4);
      outs(port, [COM2 + 4, 0x1a]);
      at(6);
      outs(port, [COM2 + 4, mcr], [COM2 + 3, 0xbf], [COM2 + 2, 0], [COM2 + 3, 0], [COM2 + 2, 1]);
      at(2);
      outs(port, [COM2 + 2, 7], [COM2 + 2, 0]);
      setUpUart(port, COM2, 1, 3);
    },
  },
  {
    name: 'tests itself by its loop, and opens it',
    run: (port) => {
      setUpUart(port, COM1, 3, 3);
      outs(port, [COM1 + 1, 0], [COM1 + 2, 0xc7], [COM1 + 4, 0x1e], [COM1, 0xae]);
      port.wait(() => (port.in(COM1 + 5, 1) & 1) !== 0, SECOND);
      port.in(COM1, 1);
      outs(port, [COM1 + 4, 0x0f]);
      write(port, COM1, 'ok');
      drain(port, COM1);
    },
  },
  {
    name: 'tests its scratch register',
    run: (port) => {
      for (const value of [0x55, 0xaa]) {
        port.out(COM1 + 7, value, 1);
        port.in(COM1 + 7, 1);
      }
    },
  },
  {
    name: 'tries all triggers of its FIFO before a byte comes',
    run: (port) => {
      setUpUart(port, COM1, 1, 3);
      for (const fcr of [0x07, 0x47, 0x87, 0xc7]) port.out(COM1 + 2, fcr, 1);
      write(port, COM1, 'hi');
      drain(port, COM1);
    },
  },
  {
    name: 'sends sixteen bytes whenever its FIFO is empty',
    run: (port) => {
      setUpUart(port, COM1, 1, 3);
      outs(port, [COM1 + 2, 0x07]);
      for (let i = 0; i < 3; i++) {
        port.wait(() => (port.in(COM1 + 5, 1) & 0x20) !== 0, SECOND);
        for (let byte = 0; byte < 16; byte++) port.out(COM1, 0x41 + byte, 1);
      }
      drain(port, COM1);
    },
  },
  {
    name: 'looks for a UART as SeaBIOS does',
    run: (port) => {
      for (const base of [COM1, COM2, 0x3e8, 0x2e8]) {
        port.out(base + 1, 2, 1);
        void [port.in(base + 1, 1), port.in(base + 2, 1)];
        port.out(base + 1, 0, 1);
      }
    },
  },
  {
    name: 'changes its baud rate once all was sent',
    run: (port) => {
      for (const divisor of [12, 1, 0x180]) {
        setUpUart(port, COM1, divisor, 3);
        write(port, COM1, 'a');
        drain(port, COM1);
      }
    },
  },
];
