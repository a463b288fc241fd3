import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import type { Register } from '../../core/register.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { DLL, DLM, FCR, IER, IIR, LCR, LSR, MCR, RBR, THR } from '../../serial/registers.ts';
import type { ClauseId } from '../index.ts';

const [COM1] = COM_PORTS;
/** More than the FIFO of sixteen and the shift register take. */
const TOO_MANY = 40;

/** Opens the port, makes one mistake, and lets time pass. */
function opens(
  name: string,
  clause: ClauseId,
  wrong: (port: GuestPort) => void,
  act?: BrokenDriver['act'],
): BrokenDriver {
  return {
    clause,
    ...(act !== undefined && { act }),
    model: {
      name,
      drivers: [],
      run: (port) => {
        new UartDriver(port, COM1).open();
        wrong(port);
        port.wait(() => false, SECOND);
      },
    },
  };
}

const put = (port: GuestPort, register: Register, value: number) =>
  port.out(COM1 + register.offset, value, 1);
const get = (port: GuestPort, register: Register) => port.in(COM1 + register.offset, 1);
const open = (port: GuestPort) => put(port, LCR, LCR.encode({ WLS: 3, DLAB: 1 }));
const close = (port: GuestPort) => put(port, LCR, LCR.encode({ WLS: 3 }));

/** Sends it byte by byte, when there is room, to the wrong port of THR. */
function send(port: GuestPort, text: string, wait: boolean): void {
  for (const byte of Buffer.from(text)) {
    if (wait) while ((get(port, LSR) & LSR.mask.THRE) === 0);
    put(port, THR, byte);
  }
}

const typing: BrokenDriver['act'] = (machine, use) => {
  machine.serial[0]!.type('a');
  use();
};
const garbling: BrokenDriver['act'] = (machine, use) => {
  machine.serial[0]!.uart.inject(0x55, { framing: true });
  use();
};

function readsTwice(port: GuestPort): void {
  port.wait(() => (get(port, LSR) & LSR.mask.DR) !== 0, SECOND);
  if (get(port, RBR) !== 0) get(port, RBR);
  get(port, LSR);
}

function asksWhy(port: GuestPort): void {
  put(port, IER, IER.mask.ELSI);
  port.wait(() => {
    get(port, IIR);
    return false;
  }, SECOND);
}

/** Mistakes with the registers of the port. */
export const MUTANTS: readonly BrokenDriver[] = [
  // Writes continuously without reading THRE.
  {
    clause: 'uart/THR-FULL',
    model: {
      name: 'writes to a full transmitter',
      run: (port) => {
        new UartDriver(port, COM1).open(9600);
        for (let i = 0; i < TOO_MANY; i++) port.out(COM1 + THR.offset, 0x55, 1);
      },
    },
  },
  // Sets the format, and relies on firmware for the speed.
  {
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
  },
  // Takes one byte and then stops reading.
  {
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
  },
  opens('leaves DLAB set and prints', 'uart/DLAB', (port) => {
    open(port);
    put(port, DLL, 1);
    put(port, DLM, 0);
    send(port, 'x', true);
  }),
  opens('sets DLAB for the divisor, and prints without a look', 'uart/DLAB', (port) => {
    open(port);
    put(port, DLL, 1);
    put(port, DLM, 0);
    send(port, 'hello', false);
    put(port, DLL, 1);
    close(port);
  }),
  opens(
    'takes a character with DLAB set',
    'uart/DLAB',
    (port) => {
      open(port);
      port.wait(() => (get(port, LSR) & LSR.mask.DR) !== 0, SECOND);
      get(port, RBR);
      close(port);
    },
    typing,
  ),
  opens('wants interrupts and forgets OUT2', 'uart/OUT2', (port) => put(port, IER, IER.mask.ERBFI), typing),
  opens(
    'takes bytes as they come, right or wrong',
    'uart/LINE-STATUS',
    (port) => {
      port.wait(() => false, 10_000_000);
      get(port, RBR);
    },
    garbling,
  ),
  opens('sends with the format that a reset leaves', 'uart/WORD', (port) => {
    put(port, LCR, LCR.reset);
    send(port, 'hello', true);
  }),
  opens('sends eight bits by seven', 'uart/FORMAT', (port) => {
    put(port, LCR, LCR.encode({ WLS: 2 }));
    send(port, '\u00e9', true);
  }),
  opens('writes the divisor with its bytes swapped', 'uart/RATE', (port) => {
    open(port);
    put(port, DLL, 0);
    put(port, DLM, 1);
    close(port);
    send(port, '!', true);
  }),
  opens('polls RBR without a look at what LSR says', 'uart/RBR-EMPTY', (port) => {
    for (let i = 0; i < 100; i++) {
      get(port, LSR);
      get(port, RBR);
    }
  }),
  opens('writes THR by words', 'uart/WIDTH', (port) => port.out(COM1 + THR.offset, 0x55, 2)),
  opens('leaves break on', 'uart/BREAK', (port) => {
    put(port, LCR, LCR.encode({ WLS: 3, SBC: 1 }));
    send(port, 'hello', true);
  }),
  opens('turns break on behind what it prints', 'uart/BREAK', (port) => {
    send(port, 'hello', false);
    put(port, LCR, LCR.encode({ WLS: 3, SBC: 1 }));
  }),
  opens('turns loopback on behind what it prints', 'uart/LOOPBACK-BUSY', (port) => {
    send(port, 'hello', false);
    put(port, MCR, MCR.mask.LOOP);
  }),
  opens('sets the FIFO up by a word', 'uart/WIDTH', (port) => port.out(COM1 + FCR.offset, 0x0307, 2)),
  opens('leaves loopback on', 'uart/LOOPBACK', (port) => {
    put(port, MCR, MCR.mask.LOOP);
    send(port, 'hello', true);
  }),
  opens('prints in loopback, and turns it off at the end', 'uart/LOOPBACK', (port) => {
    put(port, MCR, MCR.mask.LOOP);
    send(port, 'hello', true);
    put(port, MCR, 0);
  }),
  opens('empties the FIFOs behind what it prints', 'uart/FIFO-RESET', (port) => {
    send(port, 'hello', false);
    put(port, FCR, FCR.encode({ ENABLE: 1, RESET_RCVR: 1, RESET_XMIT: 1 }));
  }),
  opens('turns the FIFOs off behind what it prints', 'uart/FIFO-RESET', (port) => {
    send(port, 'hello', false);
    put(port, FCR, 0);
  }),
  opens('changes the speed while it sends', 'uart/DIVISOR-BUSY', (port) => {
    send(port, 'hello', false);
    open(port);
    put(port, DLL, 12);
    close(port);
  }),
  opens('changes the format while it sends', 'uart/FORMAT-BUSY', (port) => {
    send(port, 'hello', false);
    put(port, LCR, LCR.encode({ WLS: 3, PEN: 1 }));
  }),
  opens('writes MCR at the offset of LSR', 'uart/LSR-WRITE', (port) => put(port, LSR, 0x0b)),
  opens('sets a trigger level, and no FIFO', 'uart/FCR-ENABLE', (port) => put(port, FCR, FCR.mask.TRIGGER)),
  opens('enables interrupts before it closes the latch', 'uart/DLAB', (port) => {
    open(port);
    put(port, DLL, 1);
    put(port, DLM, 0);
    put(port, IER, IER.mask.ERBFI);
    close(port);
  }),
  opens('reads each character twice', 'uart/RBR-TWICE', readsTwice, typing),
  opens('asks IIR again and again, and never LSR', 'uart/LINE-INTERRUPT', asksWhy, garbling),
  opens('reads RBR until something else comes', 'uart/RBR-EMPTY', (port) => {
    for (let i = 0; i < 100; i++) get(port, RBR);
  }),
];
