import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PL011_PLACES } from '../../core/places.ts';
import type { Register } from '../../core/register.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { Pl011Driver } from '../../guest/drivers/pl011.ts';
import { gceT2A } from '../../machine/gce-t2a.ts';
import * as reg from '../../serial/pl011/registers.ts';
import type { ClauseId } from '../index.ts';

const [BASE] = PL011_PLACES;
const RATE = { clock: 24_000_000, baud: 115_200 };
/** More than the FIFO of 32 and the shift register take. */
const TOO_MANY = 60;
const { RXFE, BUSY } = reg.UARTFR.mask;
const ON = reg.UARTCR.encode({ UARTEN: 1, TXE: 1, RXE: 1 });
const FORMAT = reg.UARTLCR_H.encode({ FEN: 1, WLEN: 3 });

const put = (port: GuestPort, { offset }: Register, value: number) => port.write(BASE + offset, value, 4);
const get = (port: GuestPort, { offset }: Register) => port.read(BASE + offset, 4);

type Mistake = (port: GuestPort) => void;

/** Opens the UART, makes one mistake, and lets time pass. */
function opens(
  whole: boolean,
): (name: string, clause: ClauseId, wrong: Mistake, act?: BrokenDriver['act']) => BrokenDriver {
  return (name, clause, wrong, act) => ({
    clause,
    machine: () => gceT2A({ serial: { whole } }),
    ...(act !== undefined && { act }),
    model: {
      name,
      drivers: [],
      run: (port) => {
        new Pl011Driver(port, BASE).open(whole ? RATE : undefined);
        wrong(port);
        port.wait(() => false, SECOND);
      },
    },
  });
}

const onGeneric = opens(false);
const onWhole = opens(true);

function send(port: GuestPort, text: string): void {
  for (const byte of Buffer.from(text)) put(port, reg.UARTDR, byte);
}

function idles(port: GuestPort): void {
  port.wait(() => (get(port, reg.UARTFR) & BUSY) === 0, SECOND);
}

/** Sets it up anew, with some of the writes. */
function sets(port: GuestPort, ...writes: readonly (readonly [Register, number])[]): void {
  put(port, reg.UARTCR, 0);
  for (const [register, value] of writes) put(port, register, value);
  put(port, reg.UARTCR, ON);
}

const types =
  (text: string): BrokenDriver['act'] =>
  (machine, use) => {
    machine.serial[0]!.type(text);
    use();
  };
const garbles: BrokenDriver['act'] = (machine, use) => {
  machine.serial[0]!.uart.inject(0x55, { framing: true });
  machine.serial[0]!.type('a');
  use();
};

/** Mistakes with the registers of an Arm UART. */
export const MUTANTS: readonly BrokenDriver[] = [
  onGeneric('writes UARTDR without a look at TXFF', 'pl011/TX-FULL', (port) =>
    send(port, 'x'.repeat(TOO_MANY)),
  ),
  onGeneric('reads UARTDR until something else comes', 'pl011/RX-EMPTY', (port) => {
    for (let i = 0; i < TOO_MANY; i++) get(port, reg.UARTDR);
  }),
  onGeneric(
    'takes one character of an Arm UART, and then none',
    'pl011/OVERRUN',
    (port) => {
      port.wait(() => (get(port, reg.UARTFR) & RXFE) === 0, SECOND);
      get(port, reg.UARTDR);
    },
    types('x'.repeat(TOO_MANY)),
  ),
  onGeneric(
    'takes characters by bytes, right or wrong',
    'pl011/ERRORS',
    (port) => {
      port.wait(() => false, SECOND / 100);
      for (let i = 0; i < 2; i++) port.read(BASE + reg.UARTDR.offset, 1);
    },
    garbles,
  ),
  onGeneric(
    'lets framing errors interrupt, and never ends them',
    'pl011/CLEAR',
    (port) => {
      put(port, reg.UARTIMSC, reg.UARTIMSC.mask.FE);
      port.wait(() => get(port, reg.UARTMIS) !== 0, SECOND);
    },
    garbles,
  ),
  onGeneric('writes UARTIMSC by a single byte', 'pl011/WIDTH', (port) =>
    port.write(BASE + reg.UARTIMSC.offset, reg.UARTIMSC.mask.RX, 1),
  ),
  onGeneric('takes the flags for those of a 16550', 'pl011/RESERVED', (port) => port.read(BASE + 0x14, 4)),
  onGeneric('lets interrupts through that there are none of', 'pl011/RESERVED-BITS', (port) =>
    put(port, reg.UARTIMSC, 0xf800),
  ),
  onGeneric('sets up a generic UART', 'pl011/GENERIC', (port) => put(port, reg.UARTCR, ON)),
  onWhole('writes the format of a PL011 that is enabled', 'pl011/ENABLED', (port) =>
    put(port, reg.UARTLCR_H, FORMAT),
  ),
  onWhole('does not wait for the last character before it writes the format', 'pl011/ENABLED', (port) => {
    send(port, 'x');
    port.wait(() => (get(port, reg.UARTFR) & reg.UARTFR.mask.TXFE) !== 0, SECOND);
    sets(port, [reg.UARTLCR_H, FORMAT]);
  }),
  onWhole('writes UARTLCR_H before the divisor', 'pl011/LATCH', (port) =>
    sets(port, [reg.UARTLCR_H, FORMAT], [reg.UARTIBRD, 26], [reg.UARTFBRD, 3]),
  ),
  onWhole('leaves the integer divisor at 0', 'pl011/DIVISOR', (port) => {
    sets(port, [reg.UARTIBRD, 0], [reg.UARTLCR_H, FORMAT]);
    send(port, 'x');
  }),
  onWhole('sends eight bits by the five that a reset leaves', 'pl011/WORD', (port) => {
    sets(port, [reg.UARTLCR_H, reg.UARTLCR_H.mask.FEN]);
    send(port, 'x');
  }),
  onWhole('enables a PL011, and not its transmitter', 'pl011/SENDS', (port) => {
    put(port, reg.UARTCR, reg.UARTCR.encode({ UARTEN: 1, RXE: 1 }));
    send(port, 'x');
  }),
  onWhole('leaves a PL011 in loopback', 'pl011/SENDS', (port) => {
    put(port, reg.UARTCR, ON | reg.UARTCR.mask.LBE);
    send(port, 'x');
  }),
  onWhole('disables a PL011 behind what it prints, and goes on', 'pl011/FLUSH', (port) => {
    send(port, 'hello');
    sets(port);
    idles(port);
  }),
];
