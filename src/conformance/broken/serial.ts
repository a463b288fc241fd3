import { COM_PORTS } from '../../core/places.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { DLL, DLM, LCR, THR } from '../../serial/registers.ts';
import type { BrokenDriver } from './broken-driver.ts';

const [COM1] = COM_PORTS;
/** More than the FIFO of sixteen and the shift register take. */
const TOO_MANY = 40;

/** Writes on and on without a look at THRE. */
export const floodsTransmitter: BrokenDriver = {
  clause: 'uart/THR-FULL',
  model: {
    name: 'writes to a full transmitter',
    run: (port) => {
      new UartDriver(port, COM1).open(9600);
      for (let i = 0; i < TOO_MANY; i++) port.out(COM1 + THR.offset, 0x55, 1);
    },
  },
};

/** Sets the format, and takes firmware's word for the speed. */
export const leavesDivisorZero: BrokenDriver = {
  clause: 'uart/DIVISOR',
  model: {
    name: 'leaves the divisor latch at 0',
    run: (port) => {
      for (const { offset } of [DLL, DLM]) {
        port.out(COM1 + LCR.offset, LCR.mask.DLAB, 1);
        port.out(COM1 + offset, 0, 1);
      }
      port.out(COM1 + LCR.offset, LCR.encode({ WLS: 3 }), 1);
      port.out(COM1 + THR.offset, 0x55, 1);
    },
  },
};

/** Takes one byte and then looks away. */
export const stopsReading: BrokenDriver = {
  clause: 'uart/OVERRUN',
  act: (machine, use) => {
    machine.serial[0]!.type('x'.repeat(TOO_MANY));
    use();
  },
  model: {
    name: 'reads too late',
    run: (port) => {
      const uart = new UartDriver(port, COM1);
      uart.open();
      // The first comes at 9600 baud, as firmware left it.
      uart.read(2_000_000);
      port.wait(() => false, 10_000_000);
    },
  },
};
