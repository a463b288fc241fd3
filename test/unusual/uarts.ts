import type { DriverModel } from '../../src/conformance/index.ts';
import { COM_PORTS } from '../../src/core/places.ts';
import { enumerate, GuestInterrupts, type GuestPort, UartDriver } from '../../src/guest/index.ts';
import { DLL, DLM, FCR, IER, IIR, LCR, LSR, MCR, MSR, RBR, THR } from '../../src/serial/registers.ts';

const [COM1, COM2, COM3] = COM_PORTS;
const { ERBFI, ETBEI, ELSI, EDSSI } = IER.mask;
const { DR, BI, THRE, TEMT } = LSR.mask;
const { DTR, RTS, OUT2 } = MCR.mask;
const { CTS, DSR } = MSR.mask;
const FORMAT = LCR.encode({ WLS: 3 });
const SECOND = 1_000_000_000;
const HELLO = new TextEncoder().encode('hello');

/** The registers of a port, and what drivers write there first. */
class Registers {
  readonly port: GuestPort;
  private readonly base: number;

  constructor(port: GuestPort, base: number) {
    this.port = port;
    this.base = base;
  }

  get({ offset }: { readonly offset: number }): number {
    return this.port.in(this.base + offset, 1);
  }

  put({ offset }: { readonly offset: number }, value: number): void {
    this.port.out(this.base + offset, value, 1);
  }

  setUp(divisor: number): void {
    this.put(LCR, FORMAT | LCR.mask.DLAB);
    this.put(DLL, divisor);
    this.put(DLM, 0);
    this.put(LCR, FORMAT);
  }

  waits({ offset }: { readonly offset: number }, bits: number, limit: number): boolean {
    return this.port.wait(() => (this.get({ offset }) & bits) === bits, limit);
  }
}

/** Looks at LSR before each character, in both directions. */
function polled(name: string, base: number, begin: (com: Registers) => void): DriverModel {
  let com: Registers;
  const print = (text: Uint8Array) => {
    for (const byte of text) {
      com.waits(LSR, THRE, SECOND);
      com.put(THR, byte);
    }
  };
  return {
    name,
    run: (port) => {
      com = new Registers(port, base);
      begin(com);
      print(HELLO);
    },
    use: { print, key: () => ((com.get(LSR) & DR) === 0 ? null : com.get(RBR)) },
  };
}

/** By interrupts, a character for each, and no FIFO: as for an 8250. */
function withoutFifo(): DriverModel {
  let com: Registers;
  let inbox: number[] = [];
  let outbox: number[] = [];
  const serve = () => {
    for (let iir = com.get(IIR); (iir & IIR.mask.NONE) === 0; iir = com.get(IIR)) {
      const { ID } = IIR.decode(iir);
      if (ID === 3) com.get(LSR);
      else if (ID === 0) com.get(MSR);
      else if (ID === 1) next();
      else inbox.push(com.get(RBR));
    }
  };
  const next = () => {
    const byte = outbox.shift();
    if (byte === undefined) com.put(IER, ERBFI | ELSI | EDSSI);
    else com.put(THR, byte);
  };
  const print = (text: Uint8Array) => {
    outbox.push(...text);
    com.put(IER, ERBFI | ELSI | EDSSI | ETBEI);
  };
  return {
    name: 'by interrupts, and never with a FIFO',
    run: (port) => {
      com = new Registers(port, COM1);
      [inbox, outbox] = [[], []];
      com.setUp(1);
      GuestInterrupts.of(port).listen(4, 'edge', serve);
      com.put(MCR, DTR | RTS | OUT2);
      print(HELLO);
    },
    use: { print, key: () => inbox.shift() ?? null },
  };
}

/** In the order of Linux's 8250 driver, with its console and CRTSCTS. */
function likeLinux(): DriverModel {
  let com: Registers;
  let inbox: number[] = [];
  const serve = () => {
    while ((com.get(IIR) & IIR.mask.NONE) === 0) {
      for (let lsr = com.get(LSR), i = 0; (lsr & (DR | BI)) !== 0 && i < 256; lsr = com.get(LSR), i++)
        if ((lsr & DR) !== 0) inbox.push(com.get(RBR));
      com.get(MSR);
    }
  };
  const start = () => {
    for (const value of [0x01, 0x07, 0x00]) com.put(FCR, value);
    for (const register of [LSR, RBR, IIR, MSR]) com.get(register);
    com.put(LCR, FORMAT);
    com.put(MCR, OUT2);
    // Its test for a transmitter without interrupts.
    com.put(IER, ETBEI);
    for (const register of [LSR, IIR]) com.get(register);
    com.put(IER, 0);
    for (const register of [LSR, RBR, IIR, MSR]) com.get(register);
    com.put(IER, ERBFI | ELSI);
    com.setUp(1);
    for (const value of [0x01, 0x81]) com.put(FCR, value);
    com.put(MCR, DTR | RTS | OUT2);
    com.put(IER, ERBFI | ELSI | EDSSI);
  };
  const print = (text: Uint8Array) => {
    const ier = com.get(IER);
    com.put(IER, 0);
    for (const byte of text) {
      com.waits(LSR, THRE | TEMT, 10_000_000);
      com.waits(MSR, CTS, SECOND);
      com.put(THR, byte);
    }
    com.waits(LSR, THRE | TEMT, 10_000_000);
    com.put(IER, ier);
  };
  return {
    name: "in the order of Linux's driver, with RTS and CTS",
    run: (port) => {
      com = new Registers(port, COM1);
      inbox = [];
      GuestInterrupts.of(port).listen(4, 'edge', serve);
      start();
      print(HELLO);
    },
    use: { print, key: () => inbox.shift() ?? null },
  };
}

/** 9600 baud; DSR and CTS are waited for before each character, and it gives up when they do not come. */
function likeInt14(): DriverModel {
  let com: Registers;
  const print = (text: Uint8Array) => {
    for (const byte of text) {
      com.put(MCR, DTR | RTS);
      const isReady = com.waits(MSR, DSR | CTS, SECOND) && com.waits(LSR, THRE, SECOND);
      if (!isReady) throw new Error('AH = 80h: timeout');
      com.put(THR, byte);
    }
  };
  const receive = () => {
    com.put(MCR, DTR);
    if (!com.waits(MSR, DSR, SECOND) || !com.waits(LSR, DR, SECOND)) throw new Error('AH = 80h: timeout');
    return com.get(RBR);
  };
  const status = () => (com.get(LSR) << 8) | com.get(MSR);
  return {
    name: 'as INT 14h of a BIOS',
    run: (port) => {
      com = new Registers(port, COM1);
      com.put(IER, 0);
      com.setUp(12);
      print(HELLO);
    },
    use: { print, key: () => ((status() & (DR << 8)) === 0 ? null : receive()) },
  };
}

/** Two ports, on one line or on two. */
function twoPorts(): DriverModel {
  let uarts: UartDriver[] = [];
  let inbox: number[] = [];
  return {
    name: 'of two ports by interrupts',
    enumerate: (port) => {
      uarts = [];
      return enumerate(port);
    },
    run: (port, _handles, machine) => {
      inbox = [];
      for (const uart of uarts) uart.close();
      uarts = [COM3, COM1].map((base) => new UartDriver(port, base));
      for (const uart of uarts) uart.open();
      for (const uart of uarts) uart.listen(machine.serial.find((one) => one.port === uart.base)!.irq);
      uarts[1]!.write(HELLO);
    },
    use: {
      print: (text) => uarts[1]!.write(text),
      key: () => {
        uarts[0]!.read();
        inbox.push(...uarts[1]!.read());
        return inbox.shift() ?? null;
      },
    },
  };
}

/** The reference driver, of one kind of use alone. */
function referenceOf(name: string, use: 'print' | 'key'): DriverModel {
  let uart: UartDriver;
  let inbox: number[] = [];
  const uses = {
    print: (text: Uint8Array) => uart.write(text),
    key: () => {
      inbox.push(...uart.read());
      return inbox.shift() ?? null;
    },
  };
  return {
    name,
    run: (port) => {
      inbox = [];
      uart = new UartDriver(port, COM2);
      uart.open(57_600);
      uart.listen(3);
    },
    use: { [use]: uses[use] },
  };
}

const { use: writing, ...printing } = polled('polled, and for output alone', COM1, (com) => com.setUp(1));

/** Unexpected drivers of serial ports that break nothing. */
export const UNUSUAL_UARTS: readonly DriverModel[] = [
  { ...printing, use: { print: writing!.print! } },
  polled('polled, which reads no MSR', COM1, (com) => {
    com.setUp(1);
    com.put(FCR, 0x07);
  }),
  polled('polled, by the format of the firmware, at 9600 baud', COM1, (com) => com.setUp(12)),
  withoutFifo(),
  likeLinux(),
  likeInt14(),
  twoPorts(),
  referenceOf('that only prints, on COM2', 'print'),
  referenceOf('that only takes keys, on COM2', 'key'),
];
