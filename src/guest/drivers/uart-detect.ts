import type { GuestPort } from '../../core/guest-port.ts';
import { FCR, IER, IIR, LCR, MCR, MSR, SCR } from '../../serial/registers.ts';

/** The types that Linux's autoconfig distinguishes; `16550` is one whose FIFOs do not work. */
export type UartType = 'none' | '8250' | '16450' | '16550' | '16550A';

const IER_BITS = 0x0f;
const { LOOP, OUT2, RTS } = MCR.mask;
const { DCD, RI, DSR, CTS } = MSR.mask;
/** Two values that differ in every bit, for a register that keeps what is written. */
const PATTERNS = [0xa5, 0x5a] as const;

/**
 * The type of UART at `base`, detected like Linux's autoconfig: the interrupt enable register keeps
 * four bits, in loopback the modem outputs are read as modem status, and the FIFO bits of IIR give the type. The
 * port's settings are restored; its FIFOs are empty afterwards.
 */
export function detectUart(port: GuestPort, base: number): UartType {
  const read = (offset: number) => port.in(base + offset, 1);
  const write = (offset: number, value: number) => port.out(base + offset, value, 1);
  if (!keepsInterruptEnables(read, write)) return 'none';
  const mcr = read(MCR.offset);
  const lcr = read(LCR.offset);
  write(LCR.offset, 0);
  const loops = loopbackWorks(read, write);
  write(MCR.offset, mcr);
  if (!loops) {
    write(LCR.offset, lcr);
    return 'none';
  }
  write(FCR.offset, FCR.mask.ENABLE);
  const fifo = IIR.decode(read(IIR.offset)).FIFO;
  const type = fifo === 3 ? '16550A' : fifo === 2 ? '16550' : keepsScratch(read, write) ? '16450' : '8250';
  write(FCR.offset, FCR.encode({ ENABLE: 1, RESET_RCVR: 1, RESET_XMIT: 1 }));
  write(FCR.offset, 0);
  write(LCR.offset, lcr);
  return type;
}

type Read = (offset: number) => number;
type Write = (offset: number, value: number) => void;

/** Without a device, reads are all ones and the first test fails. */
function keepsInterruptEnables(read: Read, write: Write): boolean {
  const kept = read(IER.offset);
  write(IER.offset, 0);
  const clear = read(IER.offset) & IER_BITS;
  write(IER.offset, IER_BITS);
  const set = read(IER.offset) & IER_BITS;
  write(IER.offset, kept);
  return clear === 0 && set === IER_BITS;
}

/** In loopback OUT2 feeds DCD and RTS feeds CTS; DTR and OUT1 are off, so DSR and RI are too. */
function loopbackWorks(read: Read, write: Write): boolean {
  write(MCR.offset, LOOP | OUT2 | RTS);
  return (read(MSR.offset) & (DCD | RI | DSR | CTS)) === (DCD | CTS);
}

function keepsScratch(read: Read, write: Write): boolean {
  return PATTERNS.every((pattern) => {
    write(SCR.offset, pattern);
    return read(SCR.offset) === pattern;
  });
}
