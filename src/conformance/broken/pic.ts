import { ICW4, OCW2 } from '../../chipset/registers/pic.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, PORT } from '../../core/places.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { PicDriver } from '../../guest/interrupts/pic.ts';
import { behind } from './behind.ts';
import type { BrokenDriver } from './broken-driver.ts';

const [COM1] = COM_PORTS;
const COM1_IRQ = 4;
const EOI = OCW2.encode({ EOI: 1 });
const CHIPS: readonly number[] = [PORT.PIC_MASTER, PORT.PIC_SLAVE];
const MODE_8086 = ICW4.encode({ uPM: 1 });

/** Serves the serial port's interrupt and returns without telling the interrupt controller. */
export const forgetsEoi: BrokenDriver = {
  clause: 'pic/EOI',
  model: {
    name: 'forgets the end of interrupt',
    run: (port) => {
      const uart = new UartDriver(withoutEoi(port), COM1);
      uart.open();
      uart.listen(COM1_IRQ);
      uart.write(Uint8Array.of(0x21));
    },
  },
};

function withoutEoi(port: GuestPort): GuestPort {
  return behind(port, {
    out: (at, value, width) => {
      if (at !== PORT.PIC_MASTER + OCW2.offset || value !== EOI) port.out(at, value, width);
    },
  });
}

/** Tells the interrupt controllers nothing of the processor, which leaves them in the 8085's mode. */
export const leavesMode: BrokenDriver = {
  clause: 'pic/INIT',
  model: {
    name: 'writes 0 to ICW4',
    run: (port) => {
      new PicDriver(withoutMode(port)).open(port, COM1_IRQ, 'edge');
    },
  },
};

/** No other word that a good driver writes there is 01. */
function withoutMode(port: GuestPort): GuestPort {
  return behind(port, {
    out: (at, value, width) => {
      const isMode = CHIPS.includes(at - ICW4.offset) && value === MODE_8086;
      port.out(at, isMode ? 0 : value, width);
    },
  });
}

/** Lets interrupts in with the controllers as the BIOS left them, and waits long enough for a tick of its timer. */
export const leavesPair: BrokenDriver = {
  clause: 'pic/VECTOR',
  model: {
    name: "leaves the interrupt controllers the BIOS's",
    // Ours mask them.
    drivers: [],
    run: (port) => {
      port.unmask();
      port.wait(() => false, SECOND);
    },
  },
};
