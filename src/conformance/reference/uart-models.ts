import { OCW2 } from '../../chipset/registers/pic.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, PORT } from '../../core/places.ts';
import { UartDriver } from '../../guest/index.ts';
import { behind } from '../broken/behind.ts';
import type { DriverModel } from '../model/model.ts';

const [COM1] = COM_PORTS;
const COM1_IRQ = 4;
const EOI = OCW2.encode({ EOI: 1 });
const SPECIFIC_EOI = OCW2.encode({ EOI: 1, SL: 1 });

/** Drivers that are listening. */
const listening = new WeakMap<GuestPort, UartDriver>();

/** Prints a line, and reads what was typed, by interrupts; it goes on listening, behind the port that `by` gives. */
function listeningModel(name: string, by: (port: GuestPort) => GuestPort): DriverModel {
  return {
    name,
    drivers: [],
    run: (port) => {
      const uart = listening.get(port) ?? listen(by(port));
      listening.set(port, uart);
      uart.write(Buffer.from('hello\r\n'));
      uart.read(1_000_000);
    },
  };
}

function listen(port: GuestPort): UartDriver {
  const uart = new UartDriver(port, COM1);
  uart.open();
  uart.listen(COM1_IRQ);
  return uart;
}

export const listens = listeningModel('reference UART, by interrupts', (port) => port);

/** Its EOI names the level. */
export const namesLevels = listeningModel('reference UART that names what it ends', (port) =>
  behind(port, {
    out: (at, value, width) =>
      port.out(at, at === PORT.PIC_MASTER && value === EOI ? SPECIFIC_EOI | COM1_IRQ : value, width),
  }),
);

/** A byte with a framing error comes while it listens. */
export const hearsNoise: DriverModel = {
  ...listens,
  name: 'reference UART on a line with noise',
  run: (port, handles, machine) => {
    listens.run!(port, handles, machine);
    machine.serial[0]!.uart.inject(0x55, { framing: true });
    listens.run!(port, handles, machine);
  },
};
