import type { GuestPort } from '../../core/guest-port.ts';
import { PL011_PLACES } from '../../core/places.ts';
import { Pl011Driver, type Pl011Rate } from '../../guest/index.ts';
import * as reg from '../../serial/pl011/registers.ts';
import type { DriverModel } from '../model/model.ts';

const [BASE] = PL011_PLACES;
/** By the clock that the firmware's divisor stands for. */
export const PL011_RATE: Pl011Rate = { clock: 24_000_000, baud: 115_200 };
const SOON = 20_000_000;

/** The driver of the first UART on a port, and what it has taken. */
interface Console {
  readonly uart: Pl011Driver;
  readonly inbox: number[];
}

const opened = new WeakMap<GuestPort, Console>();

/** Error interrupts are let through, looked at and ended by polls. */
function poll(port: GuestPort, { uart, inbox }: Console): void {
  const shown = port.read(BASE + reg.UARTMIS.offset, 4);
  if (shown !== 0) port.write(BASE + reg.UARTICR.offset, shown, 4);
  inbox.push(...uart.read());
}

/** The reference driver of an Arm UART. @param rate of a whole PL011; none of a generic one. */
export function referencePl011(rate?: Pl011Rate): DriverModel {
  const consoleOf = (port: GuestPort): Console => {
    const known = opened.get(port);
    if (known !== undefined) return known;
    const made = { uart: new Pl011Driver(port, BASE), inbox: [] };
    made.uart.open(rate);
    port.write(BASE + reg.UARTIMSC.offset, reg.UARTIMSC.encode({ FE: 1, PE: 1, BE: 1, OE: 1 }), 4);
    opened.set(port, made);
    return made;
  };
  return {
    name: rate === undefined ? 'reference generic UART' : 'reference PL011',
    drivers: [],
    run: (port) => {
      // A machine that was reset has forgotten it.
      opened.delete(port);
      const found = consoleOf(port);
      found.uart.write(Buffer.from('hello\r\n'));
      port.wait(() => {
        poll(port, found);
        return found.inbox.length > 0;
      }, SOON);
    },
    use: {
      print: (text, _handles, port) => consoleOf(port).uart.write(text),
      key: (_handles, port) => {
        const found = consoleOf(port);
        poll(port, found);
        return found.inbox.shift() ?? null;
      },
    },
  };
}
