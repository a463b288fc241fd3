import { register } from '../../core/register.ts';

/** Bytes of memory that a PL011 takes. */
export const PL011_BYTES = 0x1000;
/** Characters that each FIFO holds, from revision r1p5 on; the generic UART's, too. */
export const PL011_FIFO = 32;

/** The errors of a character are those of `UARTDR`, 8 bits lower. */
const ERRORS = {
  FE: { at: 0, doc: 'framing error: no stop bit' },
  PE: { at: 1, doc: 'parity error' },
  BE: { at: 2, doc: 'break' },
  OE: { at: 3, doc: 'overrun: a character was lost, since the FIFO was full' },
} as const;

/** Each of the four registers has its own access. */
const INTERRUPTS = {
  RI: { at: 0, doc: 'nUARTRI changed' },
  CTS: { at: 1, doc: 'nUARTCTS changed' },
  DCD: { at: 2, doc: 'nUARTDCD changed' },
  DSR: { at: 3, doc: 'nUARTDSR changed' },
  RX: { at: 4, doc: 'the receive FIFO has reached its level' },
  TX: { at: 5, doc: 'the transmit FIFO has come down to its level' },
  RT: { at: 6, doc: 'characters wait, and none has come for 32 bits' },
  FE: { at: 7, doc: 'framing error' },
  PE: { at: 8, doc: 'parity error' },
  BE: { at: 9, doc: 'break' },
  OE: { at: 10, doc: 'overrun' },
} as const;

export const UARTDR = register(
  'UARTDR',
  0x00,
  4,
  {
    DATA: { at: [7, 0] },
    FE: { at: 8, access: 'ro', doc: 'framing error' },
    PE: { at: 9, access: 'ro', doc: 'parity error' },
    BE: { at: 10, access: 'ro', doc: 'break' },
    OE: { at: 11, access: 'ro', doc: 'a character was lost, and none has found room since' },
  },
  { doc: 'Data: a write sends a character, a read takes the oldest one received, with its errors.' },
);

export const UARTRSR = register('UARTRSR', 0x04, 4, ERRORS, {
  access: 'ro',
  doc: 'Receive Status: the errors of the character that was read last. Any write, of UARTECR, clears them.',
});

export const UARTFR = register(
  'UARTFR',
  0x18,
  4,
  {
    CTS: { at: 0, doc: 'clear to send' },
    DSR: { at: 1, doc: 'data set ready' },
    DCD: { at: 2, doc: 'data carrier detect' },
    BUSY: { at: 3, doc: 'characters wait to be sent, or one is being sent' },
    RXFE: { at: 4, doc: 'receive FIFO empty' },
    TXFF: { at: 5, doc: 'transmit FIFO full' },
    RXFF: { at: 6, doc: 'receive FIFO full' },
    TXFE: { at: 7, doc: 'transmit FIFO empty' },
    RI: { at: 8, doc: 'ring indicator' },
  },
  { access: 'ro', reset: 0x90, doc: 'Flags. The modem bits follow the pins.' },
);

export const UARTILPR = register(
  'UARTILPR',
  0x20,
  4,
  { ILPDVSR: { at: [7, 0] } },
  { doc: 'IrDA Low-Power Counter.' },
);

export const UARTIBRD = register(
  'UARTIBRD',
  0x24,
  4,
  { DIVINT: { at: [15, 0] } },
  { doc: 'Integer Baud Rate. Taken over by a write of UARTLCR_H.' },
);

export const UARTFBRD = register(
  'UARTFBRD',
  0x28,
  4,
  { DIVFRAC: { at: [5, 0], doc: '64ths of the divisor' } },
  { doc: 'Fractional Baud Rate. Taken over by a write of UARTLCR_H.' },
);

export const UARTLCR_H = register(
  'UARTLCR_H',
  0x2c,
  4,
  {
    BRK: { at: 0, doc: 'send break: the output is held low' },
    PEN: { at: 1, doc: 'parity bit' },
    EPS: { at: 2, doc: 'even parity' },
    STP2: { at: 3, doc: 'two stop bits' },
    FEN: { at: 4, doc: 'FIFOs on; without, each holds one character' },
    WLEN: { at: [6, 5], doc: 'word length, 5 + n bits' },
    SPS: { at: 7, doc: 'stick parity' },
  },
  { doc: 'Line Control.' },
);

export const UARTCR = register(
  'UARTCR',
  0x30,
  4,
  {
    UARTEN: { at: 0, doc: 'UART enable' },
    SIREN: { at: 1, doc: 'IrDA' },
    SIRLP: { at: 2, doc: 'IrDA at low power' },
    LBE: { at: 7, doc: 'loopback: the transmitter feeds the receiver, bits 13 to 10 the modem inputs' },
    TXE: { at: 8, doc: 'transmit enable' },
    RXE: { at: 9, doc: 'receive enable' },
    DTR: { at: 10, doc: 'data terminal ready' },
    RTS: { at: 11, doc: 'request to send' },
    OUT1: { at: 12 },
    OUT2: { at: 13 },
    RTSEN: { at: 14, doc: 'RTS by the receive FIFO' },
    CTSEN: { at: 15, doc: 'nothing is sent while CTS is off' },
  },
  { reset: 0x0300, doc: 'Control.' },
);

export const UARTIFLS = register(
  'UARTIFLS',
  0x34,
  4,
  {
    TXIFLSEL: { at: [2, 0], doc: 'transmit level: 1/8, 1/4, 1/2, 3/4 or 7/8 full' },
    RXIFLSEL: { at: [5, 3], doc: 'receive level, likewise' },
  },
  { reset: 0x12, doc: 'Interrupt FIFO Level Select.' },
);

export const UARTIMSC = register(
  'UARTIMSC',
  0x38,
  4,
  { ...INTERRUPTS },
  {
    doc: 'Interrupt Mask Set/Clear: a 1 lets the interrupt through.',
  },
);
export const UARTRIS = register(
  'UARTRIS',
  0x3c,
  4,
  { ...INTERRUPTS },
  {
    access: 'ro',
    doc: 'Raw Interrupt Status.',
  },
);
export const UARTMIS = register(
  'UARTMIS',
  0x40,
  4,
  { ...INTERRUPTS },
  {
    access: 'ro',
    doc: 'Masked Interrupt Status: UARTRIS and UARTIMSC.',
  },
);
export const UARTICR = register(
  'UARTICR',
  0x44,
  4,
  { ...INTERRUPTS },
  {
    access: 'wo',
    doc: 'Interrupt Clear: a 1 ends the interrupt.',
  },
);

export const UARTDMACR = register(
  'UARTDMACR',
  0x48,
  4,
  {
    RXDMAE: { at: 0 },
    TXDMAE: { at: 1 },
    DMAONERR: { at: 2, doc: 'no DMA requests while an error interrupt is up' },
  },
  { doc: 'DMA Control: no controller is connected.' },
);

/** `UARTPeriphID0` to `3` and `UARTPCellID0` to `3`, a byte in each word: part 011 of designer 41, revision 3. */
export const UART_IDS = {
  first: 0xfe0,
  bytes: [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1],
} as const;

/** Those that SBSA's generic UART has; in the others is the hardware's own. */
export const GENERIC_UART = [UARTDR, UARTRSR, UARTFR, UARTIMSC, UARTRIS, UARTMIS, UARTICR] as const;
/** Those that a PL011 has beside them. */
export const PL011_ONLY = [UARTILPR, UARTIBRD, UARTFBRD, UARTLCR_H, UARTCR, UARTIFLS, UARTDMACR] as const;
