import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import { GuestInterrupts, UartDriver } from '../../guest/index.ts';
import { FCR, IER, IIR, LSR, MCR, MSR, RBR, THR } from '../../serial/registers.ts';
import type { DriverModel } from '../model/model.ts';
import { stateless } from './rig.ts';
import { SERIAL } from './serial.ts';

const [COM1, , COM3] = COM_PORTS;
const { DR, THRE, TEMT, PE, FE, BI } = LSR.mask;
const [SECOND, SOON, CHARACTER] = [1_000_000_000, 1_000_000, 90_000];
/** Values of IIR's ID. */
const [MODEM, RECEIVED] = [0, 2];
const FIFO_ON = FCR.encode({ ENABLE: 1, TRIGGER: 2 });
const EMPTIED = FCR.encode({ ENABLE: 1, RESET_RCVR: 1, TRIGGER: 2 });

/** A driver of COM1 that is open. */
interface Com {
  get(register: { readonly offset: number }): number;
  put(register: { readonly offset: number }, value: number): void;
  waits(register: { readonly offset: number }, mask: number, due: number, limit?: number): boolean;
  readonly port: GuestPort;
  readonly inbox: number[];
}

/** The ways of a good driver. */
const GOOD = {
  open: (_com: Com) => {},
  print: (com: Com, byte: number) => {
    com.waits(LSR, THRE, THRE);
    com.put(THR, byte);
  },
  key: (com: Com) => ((com.get(LSR) & DR) === 0 ? null : com.get(RBR)),
};

/** Polled, with the reference driver's format and FIFOs, and one of its ways changed. */
function behaving(name: string, changed: Partial<typeof GOOD>): DriverModel {
  const { open, print, key } = { ...GOOD, ...changed };
  let com: Com;
  return {
    name,
    run: (port) => {
      new UartDriver(port, COM1).open();
      com = comOf(port);
      open(com);
    },
    use: {
      print: (text) => {
        for (const byte of text) print(com, byte);
      },
      key: () => key(com),
    },
  };
}

function comOf(port: GuestPort): Com {
  const get: Com['get'] = ({ offset }) => port.in(COM1 + offset, 1);
  return {
    port,
    inbox: [],
    get,
    put: ({ offset }, value) => port.out(COM1 + offset, value, 1),
    waits: (register, mask, due, limit = SECOND) => port.wait(() => (get(register) & mask) === due, limit),
  };
}

/** Serves the sources that it knows, by IIR. */
function listening(name: string, enables: number, serves: (com: Com, source: number) => void): DriverModel {
  return behaving(name, {
    open: (com) => {
      GuestInterrupts.of(com.port).listen(4, 'edge', () => {
        for (let i = 0; i < 100; i++) {
          const { NONE, ID } = IIR.decode(com.get(IIR));
          if (NONE === 1) return;
          serves(com, ID);
        }
      });
      com.put(MCR, MCR.encode({ DTR: 1, RTS: 1, OUT2: 1 }));
      com.put(IER, enables);
    },
    key: ({ inbox }) => inbox.shift() ?? null,
  });
}

function take(com: Com): void {
  while ((com.get(LSR) & DR) !== 0) com.inbox.push(com.get(RBR));
}

/** Two ports, each served once for an interrupt. */
function servesOnce(): DriverModel {
  let uarts: UartDriver[] = [];
  let inbox: number[] = [];
  return {
    name: 'serves each port of a line once',
    run: (port, _handles, machine) => {
      inbox = [];
      uarts = [COM1, COM3].map((base) => new UartDriver(port, base));
      const lines = uarts.map(({ base }) => machine.serial.find((one) => one.port === base)!.irq);
      for (const uart of uarts) uart.open();
      for (const irq of new Set(lines))
        GuestInterrupts.of(port).listen(irq, 'edge', () => {
          for (const [i, uart] of uarts.entries())
            if (lines[i] === irq) {
              const came = uart.read();
              if (uart === uarts[0]) inbox.push(...came);
            }
        });
      for (const { base } of uarts) {
        port.out(base + FCR.offset, FCR.encode({ ENABLE: 1 }), 1);
        port.out(base + MCR.offset, MCR.encode({ DTR: 1, RTS: 1, OUT2: 1 }), 1);
        port.out(base + IER.offset, IER.encode({ ERBFI: 1, ELSI: 1 }), 1);
      }
    },
    use: { key: () => inbox.shift() ?? null },
  };
}

let column = 0;
const [PRINTS, TAKES, WRONG, BARE, INSTANT, SLOW, HANGS, TURNS, AWAY, SHARED] = SERIAL.map(
  ({ name }) => name,
) as [string, string, string, string, string, string, string, string, string, string];

export const MUTANTS = stateless([
  {
    scenario: PRINTS,
    by: /arrived at ttyS0 of use\.print\(\): 60 bytes, where 64 were due/,
    model: ((): DriverModel => {
      const good = behaving('prints sixty characters at most', {});
      return { ...good, use: { print: (text, ...more) => good.use!.print!(text.subarray(0, 60), ...more) } };
    })(),
  },
  {
    scenario: TAKES,
    also: [WRONG, INSTANT, SLOW, HANGS, SHARED],
    by: /use\.key\(\) had of ttyS0: 0 bytes, where 1 were due/,
    model: listening('knows no character timeout', IER.encode({ ERBFI: 1 }), (com, source) => {
      if (source === RECEIVED) take(com);
    }),
  },
  {
    scenario: WRONG,
    by: /use\.key\(\) had of ttyS0: /,
    model: behaving('empties the receiver after an error', {
      key: (com) => {
        const lsr = com.get(LSR);
        if ((lsr & (PE | FE | BI)) !== 0) {
          com.get(RBR);
          com.port.wait(() => false, CHARACTER);
          com.put(FCR, EMPTIED);
        }
        return GOOD.key(com);
      },
    }),
  },
  {
    scenario: BARE,
    by: /uart\/THR-FULL/,
    model: behaving('takes it that there is a FIFO', {
      open: (com) => {
        com.put(FCR, FIFO_ON);
        column = 0;
      },
      print: (com, byte) => {
        if (column++ % 16 === 0) com.waits(LSR, THRE, THRE);
        com.put(THR, byte);
      },
    }),
  },
  {
    scenario: INSTANT,
    by: /was not sent/,
    model: behaving('waits to see that THR is taken', {
      print: (com, byte) => {
        com.waits(LSR, THRE, THRE);
        com.put(THR, byte);
        if (!com.waits(LSR, TEMT, 0, SOON)) throw new Error('the byte was not sent');
      },
    }),
  },
  {
    scenario: SLOW,
    by: /uart\/THR-FULL/,
    model: behaving('reckons when there is room', {
      print: (com, byte) => {
        com.put(THR, byte);
        com.port.wait(() => false, CHARACTER);
      },
    }),
  },
  {
    scenario: HANGS,
    also: [TURNS, AWAY],
    by: /pic\/EDGE/,
    model: listening(
      'wants to hear of the modem, and reads no MSR',
      IER.encode({ ERBFI: 1, EDSSI: 1 }),
      (com, source) => {
        if (source !== MODEM) take(com);
      },
    ),
  },
  {
    scenario: TURNS,
    by: /arrived at ttyS0/,
    model: behaving('drops what the other end has no room for', {
      print: (com, byte) => {
        if ((com.get(MSR) & MSR.mask.CTS) !== 0) GOOD.print(com, byte);
        else com.port.wait(() => false, CHARACTER);
      },
    }),
  },
  {
    scenario: AWAY,
    by: /accesses without progress|not done after/,
    model: behaving('waits for CTS for ever', {
      print: (com, byte) => {
        while (!com.waits(MSR, MSR.mask.CTS, MSR.mask.CTS, SOON));
        GOOD.print(com, byte);
      },
    }),
  },
  { scenario: SHARED, by: /pic\/EDGE/, model: servesOnce() },
]);
