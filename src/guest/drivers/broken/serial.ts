import type { GuestPort } from '../../../core/guest-port.ts';
import { THR } from '../../../serial/registers.ts';
import { COM_PORTS, PIC_MASTER } from '../../ports.ts';
import { Uart16550 } from '../uart16550.ts';
import { behind } from './behind.ts';
import type { BrokenDriver } from './broken-driver.ts';

const [COM1] = COM_PORTS;
const COM1_IRQ = 4;
/** More than the FIFO of sixteen and the shift register take. */
const TOO_MANY = 40;
const EOI = 0x20;

/** Writes on and on without a look at THRE. */
export const floodsTransmitter: BrokenDriver = {
  clause: 'uart/THR-FULL',
  model: {
    name: 'writes to a full transmitter',
    run: (port) => {
      new Uart16550(port, COM1).open(9600);
      for (let i = 0; i < TOO_MANY; i++) port.out(COM1 + THR.offset, 0x55, 1);
    },
  },
};

/** Serves the serial port's interrupt and returns without telling the interrupt controller. */
export const forgetsEoi: BrokenDriver = {
  clause: 'pic/EOI',
  model: {
    name: 'forgets the end of interrupt',
    run: (port) => {
      const uart = new Uart16550(withoutEoi(port), COM1);
      uart.open();
      uart.listen(COM1_IRQ);
      uart.write(Uint8Array.of(0x21));
    },
  },
};

function withoutEoi(port: GuestPort): GuestPort {
  return behind(port, {
    out: (at, value, width) => {
      if (at !== PIC_MASTER.even || value !== EOI) port.out(at, value, width);
    },
  });
}
