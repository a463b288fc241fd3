import { register } from '../core/register.ts';

/** Bytes of I/O space that a UART takes. */
export const UART_PORTS = 8;
/** Bytes that each FIFO holds (PC16550D, 1). */
export const FIFO_SIZE = 16;
/** Input clock on a PC, in hertz; the divisor of 115200 baud is 1. */
export const UART_CLOCK = 1_843_200;

export const RBR = register(
  'RBR',
  0,
  1,
  { DATA: { at: [7, 0], access: 'ro' } },
  { doc: 'Receiver Buffer: the oldest byte received; reading takes it. DLAB = 0.' },
);

export const THR = register(
  'THR',
  0,
  1,
  { DATA: { at: [7, 0], access: 'wo' } },
  { doc: 'Transmitter Holding: the next byte to send. DLAB = 0.' },
);

export const IER = register(
  'IER',
  1,
  1,
  {
    ERBFI: { at: 0, doc: 'received data available, and character timeout' },
    ETBEI: { at: 1, doc: 'transmitter holding register empty' },
    ELSI: { at: 2, doc: 'receiver line status' },
    EDSSI: { at: 3, doc: 'modem status' },
  },
  { doc: 'Interrupt Enable. DLAB = 0.' },
);

export const DLL = register(
  'DLL',
  0,
  1,
  { DIVISOR: { at: [7, 0] } },
  { reset: 0x0c, doc: 'Divisor Latch, low byte. DLAB = 1. Undefined at power-on; 9600 baud here.' },
);

export const DLM = register(
  'DLM',
  1,
  1,
  { DIVISOR: { at: [7, 0] } },
  { doc: 'Divisor Latch, high byte. DLAB = 1.' },
);

export const IIR = register(
  'IIR',
  2,
  1,
  {
    NONE: { at: 0, doc: 'no interrupt is pending' },
    ID: { at: [3, 1], doc: '3 line status, 2 data, 6 character timeout, 1 THRE, 0 modem status' },
    FIFO: { at: [7, 6], doc: '3 while the FIFOs are on' },
  },
  {
    access: 'ro',
    reset: 0x01,
    doc: 'Interrupt Identification; reading it ends a THRE interrupt it reports.',
  },
);

export const FCR = register(
  'FCR',
  2,
  1,
  {
    ENABLE: { at: 0, doc: 'FIFOs on; without it the other bits are not programmed' },
    RESET_RCVR: { at: 1, doc: 'empties the receiver FIFO' },
    RESET_XMIT: { at: 2, doc: 'empties the transmitter FIFO' },
    DMA: { at: 3, doc: 'RXRDY and TXRDY pins, which a PC does not connect' },
    TRIGGER: { at: [7, 6], doc: 'receiver trigger: 1, 4, 8 or 14 bytes' },
  },
  { access: 'wo', doc: 'FIFO Control.' },
);

export const LCR = register(
  'LCR',
  3,
  1,
  {
    WLS: { at: [1, 0], doc: 'word length, 5 + n bits' },
    STB: { at: 2, doc: 'two stop bits, one and a half with five data bits' },
    PEN: { at: 3, doc: 'parity bit' },
    EPS: { at: 4, doc: 'even parity' },
    SPAR: { at: 5, doc: 'stick parity' },
    SBC: { at: 6, doc: 'set break: the output is held at space' },
    DLAB: { at: 7, doc: 'divisor latch access: offsets 0 and 1 are DLL and DLM' },
  },
  { doc: 'Line Control.' },
);

export const MCR = register(
  'MCR',
  4,
  1,
  {
    DTR: { at: 0, doc: 'data terminal ready' },
    RTS: { at: 1, doc: 'request to send' },
    OUT1: { at: 2 },
    OUT2: { at: 3, doc: 'on a PC: lets the interrupt through to the bus' },
    LOOP: { at: 4, doc: 'loopback: the transmitter feeds the receiver, bits 3 to 0 the modem inputs' },
  },
  { doc: 'Modem Control.' },
);

export const LSR = register(
  'LSR',
  5,
  1,
  {
    FIFOE: { at: 7, doc: 'a byte in the receiver FIFO came with an error' },
    TEMT: { at: 6, doc: 'holding and shift register are empty' },
    THRE: { at: 5, doc: 'the holding register or FIFO is empty' },
    BI: { at: 4, access: 'rc', doc: 'break' },
    FE: { at: 3, access: 'rc', doc: 'framing error: no stop bit' },
    PE: { at: 2, access: 'rc', doc: 'parity error' },
    OE: { at: 1, access: 'rc', doc: 'overrun: a byte was lost' },
    DR: { at: 0, doc: 'data ready' },
  },
  { access: 'ro', reset: 0x60, doc: 'Line Status.' },
);

export const MSR = register(
  'MSR',
  6,
  1,
  {
    DCD: { at: 7, doc: 'data carrier detect' },
    RI: { at: 6, doc: 'ring indicator' },
    DSR: { at: 5, doc: 'data set ready' },
    CTS: { at: 4, doc: 'clear to send' },
    DDCD: { at: 3, access: 'rc', doc: 'DCD changed' },
    TERI: { at: 2, access: 'rc', doc: 'RI went off' },
    DDSR: { at: 1, access: 'rc', doc: 'DSR changed' },
    DCTS: { at: 0, access: 'rc', doc: 'CTS changed' },
  },
  { access: 'ro', doc: 'Modem Status.' },
);

export const SCR = register('SCR', 7, 1, { DATA: { at: [7, 0] } }, { doc: 'Scratch: a byte of memory.' });
