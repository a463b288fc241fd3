import type { Clause } from './shape.ts';

/** Rules of the parts of a PC that are no PCI devices: interrupt controllers. */
export const chipset = {
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
