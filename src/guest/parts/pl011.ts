import { PL011_PLACES } from '../../core/places.ts';
import { UARTFR } from '../../serial/pl011/registers.ts';
import { Pl011Driver } from '../drivers/pl011.ts';
import type { Part } from './part.ts';

/** Where nothing answers. */
const NOTHING = 0xffff_ffff;

/** What a guest learned of an Arm UART by sending. */
export interface Pl011Facts {
  readonly address: number;
  /** The text that was sent. */
  readonly sent: string;
}

/** The UARTs of an Arm machine, as generic ones: a guest of PCI Express looks where ACPI has them. */
export const pl011sPart: Part<Pl011Driver, Pl011Facts> = {
  find: (port) =>
    PL011_PLACES.filter((at) => port.ecam !== undefined && port.read(at + UARTFR.offset, 4) !== NOTHING).map(
      (at) => ({ at, attach: () => new Pl011Driver(port, at) }),
    ),
  probe: (uart, { text }) => {
    uart.open();
    uart.write(new TextEncoder().encode(text));
    uart.close();
    return { address: uart.base, sent: text };
  },
};
