import { type Register, register } from '../../core/register.ts';
import { registerBlock } from '../../core/register-block.ts';

export const ID = register('ID', 0x20, 4, { ID: { at: [31, 24] } });
export const VERSION = register(
  'VERSION',
  0x30,
  4,
  { VERSION: { at: [7, 0] }, MAX_LVT: { at: [23, 16], doc: 'LVT entries, less one' } },
  { reset: 0x0005_0014, access: 'ro' },
);
/** Task priority: interrupts whose class (vector / 16) is not above it wait. */
export const TPR = register('TPR', 0x80, 4, { PRIORITY: { at: [7, 0] } });
/** The higher of the task's priority and that of what is in service. */
export const PPR = register('PPR', 0xa0, 4, { PRIORITY: { at: [7, 0], access: 'ro' } });
/** A write ends the highest interrupt in service. */
export const EOI = register('EOI', 0xb0, 4, { EOI: { at: [31, 0], access: 'wo' } });
export const LDR = register('LDR', 0xd0, 4, { LOGICAL_ID: { at: [31, 24] } });
export const DFR = register(
  'DFR',
  0xe0,
  4,
  { ONES: { at: [27, 0], access: 'ro' }, MODEL: { at: [31, 28], doc: 'Fh flat, 0 cluster' } },
  { reset: 0xffff_ffff },
);
export const SVR = register(
  'SVR',
  0xf0,
  4,
  { VECTOR: { at: [7, 0], doc: 'spurious' }, ENABLE: { at: 8, doc: 'APIC software enable' } },
  { reset: 0xff },
);
/** First of eight, 16 bytes apart, with 32 vectors each. */
export const ISR = register('ISR', 0x100, 4, { VECTORS: { at: [31, 0], access: 'ro' } });
/** First of eight: which of the vectors accepted last were level-triggered. */
export const TMR = register('TMR', 0x180, 4, { VECTORS: { at: [31, 0], access: 'ro' } });
/** First of eight. */
export const IRR = register('IRR', 0x200, 4, { VECTORS: { at: [31, 0], access: 'ro' } });
/** A write loads the errors since the last one. */
export const ESR = register('ESR', 0x280, 4, {
  SEND_ILLEGAL_VECTOR: { at: 5, access: 'ro', doc: 'ICR sent a vector below 16' },
  RECEIVE_ILLEGAL_VECTOR: {
    at: 6,
    access: 'ro',
    doc: 'a message or an entry of the local vector table had one',
  },
});

/** A write of the lower half sends an interrupt. */
export const ICR_LOW = register('ICR_LOW', 0x300, 4, {
  VECTOR: { at: [7, 0] },
  DELMOD: {
    at: [10, 8],
    doc: '0 fixed, 1 lowest priority; 5 INIT and 6 start-up have no other CPU to go to',
  },
  DESTMOD: { at: 11, doc: 'destination is logical' },
  DELIVS: { at: 12, access: 'ro', doc: 'not sent yet: never here' },
  LEVEL: { at: 14 },
  TRIGGER: { at: 15 },
  SHORTHAND: { at: [19, 18], doc: '1 self, 2 all, 3 all but self' },
});
export const ICR_HIGH = register('ICR_HIGH', 0x310, 4, { DEST: { at: [31, 24] } });

/** Shape of the local vector table's entries. */
export const LVT = register(
  'LVT',
  0x320,
  4,
  {
    VECTOR: { at: [7, 0] },
    DELMOD: { at: [10, 8], doc: '0 fixed, 4 NMI, 7 ExtINT' },
    POLARITY: { at: 13 },
    TRIGGER: { at: 15 },
    MASK: { at: 16 },
    TIMER_MODE: { at: [18, 17], doc: 'of the timer: 0 once, 1 periodic' },
  },
  { reset: 0x0001_0000 },
);
/** The entries' order from `LVT.offset` on, 16 bytes apart. */
export const LVT_NAMES = ['TIMER', 'THERMAL', 'PERFORMANCE', 'LINT0', 'LINT1', 'ERROR'] as const;

export const INITIAL_COUNT = register('INITIAL_COUNT', 0x380, 4, { COUNT: { at: [31, 0] } });
export const CURRENT_COUNT = register('CURRENT_COUNT', 0x390, 4, {
  COUNT: { at: [31, 0], access: 'ro' },
});
/** What the timer's clock is divided by: bits 3, 1 and 0 are 0 for 2, 1 for 4, to 6 for 128; 7 for 1. */
export const DIVIDE = register('DIVIDE', 0x3e0, 4, { B1_0: { at: [1, 0] }, B3: { at: 3 } });

const SINGLE = registerBlock([
  ID,
  VERSION,
  TPR,
  PPR,
  EOI,
  LDR,
  DFR,
  SVR,
  ESR,
  ICR_LOW,
  ICR_HIGH,
  INITIAL_COUNT,
  CURRENT_COUNT,
  DIVIDE,
]);
/** Each register takes 16 bytes. */
const ROWS = registerBlock([
  ...[ISR, TMR, IRR].flatMap((bank) =>
    Array.from({ length: 8 }, (_, row) => ({
      ...bank,
      name: `${bank.name}${row}`,
      offset: bank.offset + 16 * row,
    })),
  ),
  ...LVT_NAMES.map((name, row) => ({ ...LVT, name: `LVT_${name}`, offset: LVT.offset + 16 * row })),
]);

/** The register at `offset` of the APIC's page, by its name, or null. */
export function localApicRegister(offset: number): Register | null {
  return SINGLE.at(offset) ?? ROWS.at(offset & ~0xf);
}

/** The address of an interrupt message: a write to FEExxxxx. */
export const MSI_ADDRESS = register('MSI_ADDRESS', 0, 4, {
  DM: { at: 2, doc: 'destination is logical' },
  RH: { at: 3, doc: 'redirection hint: the CPU of lowest priority' },
  DEST: { at: [19, 12], doc: 'destination APIC' },
  BASE: { at: [31, 20], doc: 'FEE' },
});

/** Its data. */
export const MSI_DATA = register('MSI_DATA', 0, 4, {
  VECTOR: { at: [7, 0] },
  DELMOD: { at: [10, 8], doc: '0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT' },
  ASSERT: { at: 14, doc: 'level interrupts: asserted' },
  TRIGGER: { at: 15, doc: 'level' },
});

/** Bits 31:20 of every interrupt message's address. */
export const MESSAGE_BASE = 0xfee;
