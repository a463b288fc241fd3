import type { Clause } from './shape.ts';

/** Rules of the parts of a PC that are no PCI devices: serial ports, interrupt controllers. */
export const chipset = {
  'uart/DIVISOR': {
    strength: 'SHOULD NOT',
    where: 'PC16550D, 8.3',
    text: 'The divisor latch is not left at 0 when the port is put to use',
    advice: 'Write DLL and DLM (1 is 115200 baud) before clearing DLAB.',
  },
  'uart/THR-FULL': {
    strength: 'MUST NOT',
    where: 'PC16550D, 8.4 and 8.11',
    text: 'No byte is written to a transmitter that has no room for it',
    advice: 'Wait for THRE, then write at most 16 bytes with the FIFO on, one with it off.',
  },
  'uart/OVERRUN': {
    strength: 'SHOULD NOT',
    where: 'PC16550D, 8.4',
    text: 'Received bytes are read before the receiver overruns, by a guest that receives',
    advice:
      'Enable the received-data interrupt or poll LSR often enough; a FIFO trigger of 8 leaves eight characters of time.',
  },
  'pic/INIT': {
    strength: 'MUST',
    where: '8259A, Initialization Command Words',
    text: 'An interrupt controller is initialised by ICW1 to ICW4 before a line is unmasked',
    advice: 'Write ICW1 = 11h, the vector base, the cascade and ICW4 = 01h to each 8259A first.',
  },
  'pic/EOI': {
    strength: 'MUST',
    where: '8259A, End of Interrupt',
    text: 'Every interrupt taken is ended by EOI before its handler returns',
    advice: 'Write 20h to port 20h, and for IRQ 8 to 15 to port A0h before it.',
  },
} as const satisfies Record<string, Clause>;
