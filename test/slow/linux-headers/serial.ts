import * as serial from '../../../src/serial/registers.ts';
import { type Row, register } from './rows.ts';

export const SERIAL_ROWS: readonly Row[] = [
  ...register(serial.RBR, 'UART_RX', { DATA: null }),
  ...register(serial.THR, 'UART_TX', { DATA: null }),
  ...register(serial.IER, 'UART_IER', {
    ERBFI: 'UART_IER_RDI',
    ETBEI: 'UART_IER_THRI',
    ELSI: 'UART_IER_RLSI',
    EDSSI: 'UART_IER_MSI',
  }),
  ...register(serial.DLL, 'UART_DLL', { DIVISOR: null }),
  ...register(serial.DLM, 'UART_DLM', { DIVISOR: null }),
  ...register(serial.IIR, 'UART_IIR', {
    NONE: 'UART_IIR_NO_INT',
    ID: 'UART_IIR_ID',
    FIFO: 'UART_IIR_FIFO_ENABLED',
  }),
  ...register(serial.FCR, 'UART_FCR', {
    ENABLE: 'UART_FCR_ENABLE_FIFO',
    RESET_RCVR: 'UART_FCR_CLEAR_RCVR',
    RESET_XMIT: 'UART_FCR_CLEAR_XMIT',
    DMA: 'UART_FCR_DMA_SELECT',
    TRIGGER: 'UART_FCR_TRIGGER_MASK',
  }),
  ...register(serial.LCR, 'UART_LCR', {
    WLS: 'UART_LCR_WLEN8',
    STB: 'UART_LCR_STOP',
    PEN: 'UART_LCR_PARITY',
    EPS: 'UART_LCR_EPAR',
    SPAR: 'UART_LCR_SPAR',
    SBC: 'UART_LCR_SBC',
    DLAB: 'UART_LCR_DLAB',
  }),
  ...register(serial.MCR, 'UART_MCR', {
    DTR: 'UART_MCR_DTR',
    RTS: 'UART_MCR_RTS',
    OUT1: 'UART_MCR_OUT1',
    OUT2: 'UART_MCR_OUT2',
    LOOP: 'UART_MCR_LOOP',
  }),
  ...register(serial.LSR, 'UART_LSR', {
    FIFOE: 'UART_LSR_FIFOE',
    TEMT: 'UART_LSR_TEMT',
    THRE: 'UART_LSR_THRE',
    BI: 'UART_LSR_BI',
    FE: 'UART_LSR_FE',
    PE: 'UART_LSR_PE',
    OE: 'UART_LSR_OE',
    DR: 'UART_LSR_DR',
  }),
  ...register(serial.MSR, 'UART_MSR', {
    DCD: 'UART_MSR_DCD',
    RI: 'UART_MSR_RI',
    DSR: 'UART_MSR_DSR',
    CTS: 'UART_MSR_CTS',
    DDCD: 'UART_MSR_DDCD',
    TERI: 'UART_MSR_TERI',
    DDSR: 'UART_MSR_DDSR',
    DCTS: 'UART_MSR_DCTS',
  }),
  ...register(serial.SCR, 'UART_SCR', { DATA: null }),
];
