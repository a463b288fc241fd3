import { COM_PORTS } from '../../core/places.ts';
import { UartDriver } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { DriverModel } from '../model.ts';
import type { Scenario } from './scenario.ts';

const [COM1] = COM_PORTS;

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
];
