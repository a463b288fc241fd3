import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';
import type { LineRate } from '../../serial/events.ts';
import { LSR } from '../../serial/registers.ts';

/** What the rules know of a serial port. */
export interface UartKnows extends Knows {
  /** The first write of THR since the divisor latch was closed. */
  readonly first: boolean;
  /** The guest takes what comes: it enabled the interrupt, or took a byte by polling. */
  readonly receiving: boolean;
  readonly byte: number;
  /** The byte that found no room; -1 is none. */
  readonly lost: number;
  readonly fifoOn: boolean;
  readonly rate: LineRate;
  /** What LSR says of the byte that was taken, and was not read. */
  readonly wrong: number;
  /** Reads of an empty RBR in a row, without a look at LSR or IIR. */
  readonly blind: number;
  /** Writes of DLL since DLAB was set, and whether LSR or IIR was read meanwhile. */
  readonly lowWrites: number;
  readonly waited: boolean;
  /** An interrupt that is enabled did not reach the bus, and nobody looked. */
  readonly unheard: boolean;
}

/** `silent`: nobody looked at what an interrupt should have told of. */
export type UartMoment = 'transmitted' | 'received' | 'taken' | 'divisor' | 'wanted' | 'silent';

/** Empty reads in a row that still are a clean-up: as many as a FIFO has bytes. */
const CLEAN_UP = 16;
/** Writes of DLL for one divisor. */
const LATCH_WRITES = 4;

/** Rules of a serial port, by the PC16550D's data sheet. */
export const UART = {
  'uart/DIVISOR': {
    strength: 'SHOULD NOT',
    where: 'PC16550D, 8.3',
    text: 'The divisor latch is not left at 0 when the port is put to use',
    advice: 'Write DLL and DLM (1 is 115200 baud) before clearing DLAB.',
    on: 'transmitted',
    // Between two writes of the latch the divisor may well be 0: it counts when the port is used.
    when: (k) => k.first,
    kept: (k) => k.rate.divisor !== 0,
    said: () => 'THR was written with DLL and DLM at 00: nothing is sent',
  },
  'uart/THR-FULL': {
    strength: 'MUST NOT',
    where: 'PC16550D, 8.4 and 8.11',
    text: 'No byte is written to a transmitter that has no room for it',
    advice: 'Wait for THRE, then write at most 16 bytes with the FIFO on, one with it off.',
    on: 'transmitted',
    // With the divisor at 0 there is never room: that is told already.
    when: (k) => k.rate.divisor !== 0,
    kept: (k) => k.lost < 0,
    said: (k) =>
      k.fifoOn
        ? `THR took ${hex(k.byte, 2)} while 16 bytes waited in the FIFO: it is lost`
        : `THR took ${hex(k.byte, 2)} while ${hex(k.lost, 2)} waited in it: ${hex(k.lost, 2)} is lost`,
    facts: paceOf,
  },
  'uart/DLAB': {
    strength: 'MUST NOT',
    where: 'PC16550D, 8.1 and 8.3',
    text: 'No data is written while DLAB is set: it goes into the divisor',
    advice: 'Clear bit 7 of LCR after DLL and DLM, before THR, RBR or IER is used.',
    on: 'divisor',
    // Some may be a divisor, its correction, and a look whether there is a latch; who waits for THRE first writes data.
    kept: (k) => k.lowWrites <= LATCH_WRITES && !k.waited,
    said: (k) =>
      k.waited
        ? 'DLL was written after a look at LSR or IIR, with DLAB set'
        : `DLL was written ${k.lowWrites} times with DLAB set`,
  },
  'uart/OUT2': {
    strength: 'SHOULD',
    where: 'IBM PC AT Technical Reference, Serial/Parallel Adapter',
    text: 'OUT2 is on while an interrupt is awaited: on a PC it lets the interrupt through',
    advice: 'Set bit 3 of MCR beside DTR and RTS when IER is written.',
    on: ['wanted', 'silent'],
    kept: (k) => !k.unheard,
    said: () => 'a byte came for which IER wants an interrupt, OUT2 is off, and nobody looked',
  },
  'uart/LINE-STATUS': {
    strength: 'SHOULD',
    where: 'PC16550D, 8.4',
    text: 'LSR is read before a byte that came wrong is taken',
    advice: 'Read LSR before each RBR: PE, FE and BI belong to the byte that is next.',
    on: 'taken',
    when: (k) => k.blind === 0,
    kept: (k) => k.wrong === 0,
    said: (k) => `a byte was taken for good, with ${LSR.format(k.wrong)} in LSR`,
  },
  'uart/RBR-EMPTY': {
    strength: 'SHOULD NOT',
    where: 'PC16550D, 8.4',
    text: 'RBR is not read on and on while DR is clear',
    advice: 'Read LSR first: without DR there is nothing in RBR but what was there before.',
    on: 'taken',
    kept: (k) => k.blind <= CLEAN_UP,
    said: (k) => `RBR was read ${k.blind} times in a row while it was empty`,
  },
  'uart/OVERRUN': {
    strength: 'SHOULD NOT',
    where: 'PC16550D, 8.4',
    text: 'Received bytes are read before the receiver overruns, by a guest that receives',
    advice:
      'Enable the received-data interrupt or poll LSR often enough; a FIFO trigger of 8 leaves eight characters of time.',
    on: 'received',
    // Who types at a port that the guest does not read loses bytes, too, but not by the guest's fault.
    when: (k) => k.receiving,
    kept: (k) => k.lost < 0,
    said: (k) =>
      k.fifoOn
        ? `${hex(k.byte, 2)} came while 16 bytes waited in the FIFO: it is lost`
        : `${hex(k.byte, 2)} came while ${hex(k.lost, 2)} waited in RBR: ${hex(k.lost, 2)} is lost`,
    facts: paceOf,
  },
} as const satisfies Rules<UartKnows, UartMoment>;

function paceOf({ rate }: UartKnows): string[] {
  return [`divisor ${rate.divisor}: a character takes ${rate.character} ns`];
}
