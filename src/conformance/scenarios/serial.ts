import { OCW2 } from '../../chipset/registers/pic.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS, PORT } from '../../core/places.ts';
import { UartDriver } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { MCR } from '../../serial/registers.ts';
import { behind } from '../broken/behind.ts';
import type { DriverModel } from '../model.ts';
import type { Scenario } from './scenario.ts';

const [COM1] = COM_PORTS;
const COM1_IRQ = 4;
const EOI = OCW2.encode({ EOI: 1 });
const SPECIFIC_EOI = OCW2.encode({ EOI: 1, SL: 1 });

/** Prints a line, and reads what was typed meanwhile. */
const echoes: DriverModel = {
  name: 'reference UART',
  run: (port) => {
    const uart = new UartDriver(port, COM1);
    uart.open();
    uart.write(Buffer.from('hello\r\n'));
    uart.read(1_000_000);
    uart.read(1_000_000);
    uart.close();
  },
};

/** Drivers that are listening. */
const listening = new WeakMap<GuestPort, UartDriver>();

/** The same by interrupts; it goes on listening, behind the port that `by` gives. */
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

/** Sends a byte to itself, and then prints. */
const tries: DriverModel = {
  name: 'reference UART after a self-test',
  drivers: [],
  run: (port) => {
    const uart = new UartDriver(port, COM1);
    uart.open();
    port.out(COM1 + MCR.offset, MCR.mask.LOOP, 1);
    uart.write(Uint8Array.of(0xae));
    uart.read(1_000_000);
    port.out(COM1 + MCR.offset, MCR.mask.DTR | MCR.mask.RTS, 1);
    uart.write(Buffer.from('hello\r\n'));
  },
};

export const SERIAL_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a terminal at which somebody types',
    machine: () => gceN1(),
    model: () => echoes,
    act: (machine, use) => {
      machine.serial[0]!.type('ab');
      use();
    },
  },
  {
    name: 'a terminal, by interrupts that they end by name',
    machine: () => gceN1(),
    model: () => namesLevels,
  },
  {
    name: 'a terminal at which somebody types, and that interrupts',
    machine: () => gceN1(),
    model: () => listens,
    act: (machine, use) => {
      use();
      machine.serial[0]!.type('ab');
      use();
    },
  },
  {
    name: 'a line with noise, that interrupts',
    machine: () => gceN1(),
    model: () => listens,
    act: (machine, use) => {
      use();
      machine.serial[0]!.uart.inject(0x55, { framing: true });
      use();
    },
  },
  {
    name: 'a port that they try in loopback first',
    machine: () => gceN1(),
    model: () => tries,
  },
  {
    name: 'a line that flickers while they listen to it',
    machine: () => gceN1(),
    model: () => listens,
    act: (machine, use) => {
      use();
      machine.glitch(COM1_IRQ);
      machine.port.wait(() => false, 1_000_000);
      machine.serial[0]!.type('ab');
      use();
    },
  },
];
